/**
 * P7: tells gateways with a watcher of somebody what became of them, at most once per interval and person, the
 * last state wins. What Redis does not take is said again until it does.
 */
import type { UserId } from "@confab/contract";
import type { PublishedPresence, RedisNames } from "@confab/contract/internal";
import type { Redis } from "@confab/runtime";
import { presenceOf, type Transition } from "./state.ts";

export interface BroadcastOptions {
  redis: Redis;
  names: RedisNames;
  /** Of one person's publishes. */
  intervalMs: number;
  onPublish: (result: "ok" | "failed", transition: Transition) => void;
}

export class Broadcast implements Disposable {
  readonly #options: BroadcastOptions;
  readonly #waiting = new Map<UserId, Transition>();
  /** About whom something is being said right now. */
  readonly #publishing = new Set<UserId>();
  /** Until when each person has had their say; oldest first. */
  readonly #quietUntil = new Map<UserId, number>();
  /** Only while there is something to do: a timer wakes an idle process. */
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BroadcastOptions) {
    this.#options = options;
  }

  /** Whether something about them has yet to be said. */
  isWaiting(userId: UserId): boolean {
    return this.#waiting.has(userId);
  }

  /** The first change is published at once, those that follow within the interval as one. */
  add(transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      const waiting = this.#waiting.get(transition.userId);
      if (!waiting || waiting.version < transition.version) this.#waiting.set(transition.userId, transition);
    }
    this.#publishDue();
    this.#timer ??= setInterval(() => this.#tick(), Math.max(1, this.#options.intervalMs / 5)).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** Says all that waits, whatever was said before; for a process that stops. */
  async flush(): Promise<void> {
    await Promise.all([...this.#waiting.values()].map((transition) => this.#publish(transition)));
  }

  #tick(): void {
    this.#publishDue();
    if (this.#waiting.size > 0 || this.#quietUntil.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #publishDue(): void {
    const now = performance.now();
    for (const [userId, until] of this.#quietUntil) {
      if (until > now) break;
      this.#quietUntil.delete(userId);
    }
    for (const transition of this.#waiting.values()) {
      const { userId } = transition;
      if (!this.#quietUntil.has(userId) && !this.#publishing.has(userId)) void this.#publish(transition);
    }
  }

  async #publish(transition: Transition): Promise<void> {
    const { userId, version } = transition;
    const { redis, names, intervalMs, onPublish } = this.#options;
    const message: PublishedPresence = {
      ...presenceOf(userId, { redis: transition, mirror: undefined }),
      version,
    };
    this.#quietUntil.delete(userId);
    this.#quietUntil.set(userId, performance.now() + intervalMs);
    this.#publishing.add(userId);
    try {
      await redis.spublish(names.presenceChannel(userId), JSON.stringify(message));
      if (this.#waiting.get(userId)?.version === version) this.#waiting.delete(userId);
      onPublish("ok", transition);
    } catch {
      onPublish("failed", transition);
    } finally {
      this.#publishing.delete(userId);
    }
  }
}
