/** From Confab's words to a dialect's: once for each event and dialect, however many sockets wait for it. */
import type { EventPayload, Message, Presence, UserId } from "@confab/contract";
import type { Dialect, Emission } from "@confab/contract/internal";
import type { Clock } from "@confab/runtime";
import type { GatewayMetrics } from "../metrics.ts";
import type { Frame } from "./edge.ts";
import type { Lookups } from "./lookups.ts";

type Event = "message" | "change" | "receipt" | "typing" | "presence";

interface TranslatorOptions {
  lookups: Lookups;
  metrics: GatewayMetrics;
  clock: Clock;
}

export class Translator {
  readonly #options: TranslatorOptions;
  /** By the event's payload, which all sockets of a broadcast share, and what is made of it. */
  readonly #made = new WeakMap<object, Map<string, Promise<Frame[]>>>();

  constructor(options: TranslatorOptions) {
    this.#options = options;
  }

  message(dialect: Dialect, message: Message): Promise<Frame[]> {
    return this.#once(dialect, message, ["message"], async () => {
      const { lookups } = this.#options;
      lookups.note(message);
      const { peerId } = dialect.needs.receiver
        ? await lookups.peers(message.conversationId, message.senderId)
        : { peerId: null };
      return dialect.message(message, { receiverId: peerId });
    });
  }

  change(dialect: Dialect, message: EventPayload<"message:updated">): Promise<Frame[]> {
    return this.#once(dialect, message, ["change"], async () =>
      message.change ? (dialect.change?.(message, message.change) ?? []) : [],
    );
  }

  receipt(dialect: Dialect, watermarks: EventPayload<"receipt:updated">): Promise<Frame[]> {
    return this.#once(dialect, watermarks, ["receipt"], async () => {
      const { conversationId, userId, deliveredSeq, readSeq, before = watermarks } = watermarks;
      const { lookups } = this.#options;
      const covered = (afterSeq: number, toSeq: number) =>
        dialect.needs.covered && dialect.receipt
          ? lookups.covered(conversationId, { userId, afterSeq, toSeq })
          : [];
      const delivered = await covered(before.deliveredSeq, deliveredSeq);
      const read = await covered(before.readSeq, readSeq);
      const seen = new Set(delivered.filter((message) => lookups.wasRead(message)).map(({ id }) => id));
      lookups.noteRead(watermarks);
      const isRead = readSeq > before.readSeq;
      return dialect.receipt?.({ watermarks, isRead, delivered, read, seen, at: this.#now() }) ?? [];
    });
  }

  typing(
    dialect: Dialect,
    news: EventPayload<"typing:changed">,
    { userId, isTyping }: { userId: UserId; isTyping: boolean },
  ): Promise<Frame[]> {
    return this.#once(dialect, news, ["typing", userId, isTyping], async () => {
      const userName = dialect.needs.names ? await this.#options.lookups.name(userId) : "";
      const { conversationId } = news;
      return dialect.typing?.({ conversationId, userId, userName, isTyping, at: this.#now() }) ?? [];
    });
  }

  presence(dialect: Dialect, presence: Presence): Promise<Frame[]> {
    return this.#once(
      dialect,
      presence,
      ["presence"],
      async () => dialect.presence?.({ ...presence, at: this.#now() }) ?? [],
    );
  }

  #now(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }

  #once(
    dialect: Dialect,
    payload: object,
    [event, ...about]: [Event, ...unknown[]],
    make: () => Promise<Emission[]>,
  ): Promise<Frame[]> {
    let made = this.#made.get(payload);
    if (!made) {
      made = new Map();
      this.#made.set(payload, made);
    }
    const key = [dialect.name, event, ...about].join(" ");
    const known = made.get(key);
    if (known) return known;
    this.#options.metrics.dialectTranslations.inc({ dialect: dialect.name, event });
    const frames = make();
    made.set(key, frames);
    // What could not be looked up may be, when it is asked for again.
    frames.catch(() => made.delete(key));
    return frames;
  }
}
