import type { RedisNames } from "@confab/contract/internal";
import { createShardedAdapter } from "@socket.io/redis-adapter";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { closeRedis, createRedis, type Redis } from "./redis.ts";

/** Called as a publish is handed to Redis; what it returns is called if Redis did not take it. */
export type PublishHook = () => (() => void) | undefined;

export interface Realtime extends Disposable {
  /** For `new Server({ adapter })`: only gateways with members of a room hear what is sent to it. */
  adapter: ReturnType<typeof createShardedAdapter>;
  publisher: Redis;
  subscriber: Redis;
  onPublish(hook: PublishHook): void;
  /** Resolves once Redis has taken every subscription asked for so far; while Redis is away, it does not. */
  subscribed(): Promise<void>;
}

/**
 * Both connections of the Socket.IO adapter. The adapter neither awaits nor catches its publishes, and a
 * rejected one would end the process (research/reliability.md 2.4): here each is caught, counted and reported.
 * The same holds for its subscriptions, which ioredis rejects when the connection is closed for good.
 */
export function createRealtime(options: {
  url: string;
  names: RedisNames;
  log: Logger;
  metrics: Metrics;
}): Realtime {
  const publisher = createRedis(options.url, "request", options.log);
  const subscriber = createRedis(options.url, "subscriber", options.log);
  const publishes = options.metrics.counter(
    "chat_adapter_publish_total",
    "Packets handed to Redis for other processes",
    ["result"],
  );
  let hook: PublishHook = () => undefined;

  const publish = async (channel: string, message: string | Buffer): Promise<number> => {
    const failed = hook();
    try {
      const receivers = (await publisher.spublish(channel, message)) as number;
      publishes.inc({ result: "ok" });
      return receivers;
    } catch {
      publishes.inc({ result: "failed" });
      failed?.();
      return 0;
    }
  };
  const channels = new Channels(subscriber);

  return {
    adapter: createShardedAdapter(
      replacing(publisher, { spublish: publish }),
      replacing(subscriber, {
        ssubscribe: (channel: string) => channels.hear(channel, true),
        sunsubscribe: (channel: string) => channels.hear(channel, false),
      }),
      {
        channelPrefix: options.names.adapterChannel,
        subscriptionMode: "dynamic",
      },
    ),
    publisher,
    subscriber,
    onPublish: (next) => {
      hook = next;
    },
    subscribed: () => channels.settled,
    [Symbol.dispose]: () => closeRedis(publisher, subscriber),
  };
}

/**
 * What is subscribed and unsubscribed in one turn of the event loop goes to Redis as one command each: a storm of
 * reconnects brings thousands of rooms. (One Redis: in a cluster, each command would have to keep to one slot.)
 */
class Channels {
  readonly #subscriber: Redis;
  readonly #changes = new Map<string, boolean>();
  #settled: Promise<void> = Promise.resolve();

  constructor(subscriber: Redis) {
    this.#subscriber = subscriber;
  }

  /** Replies come in the order of the questions, so the last one stands for all before it. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  hear(channel: string, wanted: boolean): Promise<void> {
    if (this.#changes.size === 0) {
      this.#settled = new Promise((resolve) => setImmediate(() => resolve(this.#tell())));
    }
    this.#changes.set(channel, wanted);
    return this.#settled;
  }

  async #tell(): Promise<void> {
    const changes = [...this.#changes];
    this.#changes.clear();
    const [joined, left] = [true, false].map((kind) =>
      changes.filter(([, wanted]) => wanted === kind).map(([channel]) => channel),
    ) as [string[], string[]];
    // Without a name, Redis would take it for all of them.
    const asked = [
      left.length > 0 && this.#subscriber.sunsubscribe(...left),
      joined.length > 0 && this.#subscriber.ssubscribe(...joined),
    ];
    await Promise.allSettled(asked);
  }
}

/** The connection with some commands in another form. */
function replacing(redis: Redis, commands: Record<string, unknown>): Redis {
  return new Proxy(redis, {
    get(target, property) {
      if (typeof property === "string" && Object.hasOwn(commands, property)) return commands[property];
      const value = Reflect.get(target, property, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}
