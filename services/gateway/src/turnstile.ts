import { ChatError } from "@confab/contract";
import type { Clock } from "@confab/runtime";

export interface TurnstileOptions {
  clock: Clock;
  stopping: () => boolean;
  /** How many more may be signing in now. */
  room: () => number;
  maxWaiting: number;
  comeBackIn: () => number;
}

interface Waiting {
  enter: () => void;
  refuse: (error: ChatError) => void;
  isGone: () => boolean;
  sinceMs: number;
}

const TICK_MS = 10;
/** So many more in a turn of the event loop keep nobody's command waiting for long: 1 ms each on a slow machine. */
const PER_TICK = 16;
/** Clients wait for an answer longer than that: our SDK 15 s, Socket.IO's own client 20 s. */
const MAX_WAIT_MS = 10_000;

/**
 * Lets connections in one after the other, a few in each turn of the event loop. Who waits here costs a socket and
 * nothing more; who is sent away comes back, and in a storm most of the work went into sending people away.
 */
export class Turnstile {
  readonly #options: TurnstileOptions;
  #waiting: Waiting[] = [];
  #entered = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TurnstileOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws ChatError `unavailable`, reason `full` or `draining`, when it is not, or not soon, this one's turn */
  async enter(isGone: () => boolean): Promise<void> {
    const { room, maxWaiting, clock } = this.#options;
    this.#timer ??= setTimeout(() => this.#tick(), TICK_MS).unref();
    // Those of this turn may not have been counted yet.
    if (this.#waiting.length === 0 && this.#entered < Math.min(PER_TICK, room())) {
      this.#entered += 1;
      return;
    }
    if (this.#waiting.length >= maxWaiting) throw this.#refusal("full");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ enter: resolve, refuse: reject, isGone, sinceMs: clock.now() });
    await promise;
  }

  #tick(): void {
    this.#timer = undefined;
    this.#entered = 0;
    if (this.#waiting.length === 0) return;
    const { stopping, room, clock } = this.#options;
    const beforeMs = clock.now() - MAX_WAIT_MS;
    const lets = Math.min(PER_TICK, room());
    let looked = 0;
    for (const one of this.#waiting) {
      if (stopping()) one.refuse(this.#refusal("draining"));
      else if (one.isGone() || one.sinceMs < beforeMs) one.refuse(this.#refusal("full"));
      else if (this.#entered < lets) {
        this.#entered += 1;
        one.enter();
      } else break;
      looked += 1;
    }
    this.#waiting = this.#waiting.slice(looked);
    this.#timer = setTimeout(() => this.#tick(), TICK_MS).unref();
  }

  #refusal(reason: "full" | "draining"): ChatError {
    return new ChatError("unavailable", { reason, retryAfterMs: this.#options.comeBackIn() });
  }
}
