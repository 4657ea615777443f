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
  // Replies come in the order of the questions, so the last subscription stands for all before it.
  let lastSubscription: Promise<unknown> = Promise.resolve();
  const ssubscribe = (channel: string): Promise<unknown> => {
    lastSubscription = subscriber.ssubscribe(channel).catch(() => undefined);
    return lastSubscription;
  };
  const sunsubscribe = (channel: string): Promise<unknown> =>
    subscriber.sunsubscribe(channel).catch(() => undefined);

  return {
    adapter: createShardedAdapter(
      replacing(publisher, { spublish: publish }),
      replacing(subscriber, { ssubscribe, sunsubscribe }),
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
    subscribed: async () => {
      await lastSubscription;
    },
    [Symbol.dispose]: () => closeRedis(publisher, subscriber),
  };
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
