/** P7: finds leases that lapsed, so that people of a crashed gateway are offline within TTL and one look. */
import type { Logger } from "@confab/runtime";
import type { LeaseTiming } from "./config.ts";
import type { Transition } from "./state.ts";
import { type StoreContext, sweep } from "./store.ts";

/** People per shard and look; more are looked at without a pause. */
const LIMIT = 500;
/** Well before `healthy` would say no. */
const LONGEST_PAUSE_MS = 3_000;
/** No successful look for this long: this instance cannot do its work. */
const STALE_MS = 5_000;

export interface SweeperOptions {
  ctx: StoreContext;
  log: Logger;
  intervalMs: number;
  onTransitions: (transitions: Transition[]) => void;
}

/** Safe beside others: who looks second finds nothing. A look never overlaps with the one before. */
export class Sweeper implements Disposable {
  readonly #options: SweeperOptions;
  #timer: NodeJS.Timeout | undefined;
  #lastLookAt = Number.NEGATIVE_INFINITY;
  #failing = false;
  #stopped = false;

  constructor(options: SweeperOptions) {
    this.#options = options;
    void this.#look();
  }

  /** Whether the leases can be reached. */
  get healthy(): boolean {
    return performance.now() - this.#lastLookAt < STALE_MS;
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const { intervalMs, ctx } = this.#options;
    // A connection that is away says so itself.
    const pauseMs = ctx.redis.status === "ready" ? await this.#sweepOnce() : intervalMs;
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#look(), pauseMs);
    this.#timer.unref();
  }

  /** How long until the next look. */
  async #sweepOnce(): Promise<number> {
    const { ctx, log, intervalMs, onTransitions } = this.#options;
    try {
      const { transitions, full, quietMs } = await sweep(ctx, LIMIT);
      onTransitions(transitions);
      this.#lastLookAt = performance.now();
      this.#failing = false;
      return full ? 0 : pauseOf(quietMs, intervalMs, ctx.config.leases);
    } catch (error) {
      if (!this.#failing) log.warn({ err: error }, "lapsed leases cannot be looked for");
      this.#failing = true;
      return intervalMs;
    }
  }
}

/**
 * Until the first who is due; but others may become due before them who are put into the schedule meanwhile. What
 * puts them there lets them wait for the shortest of these times at least.
 */
export const pauseOf = (
  quietMs: number,
  intervalMs: number,
  { graceMs, ttlMs, resendMs }: LeaseTiming,
): number => Math.max(intervalMs, Math.min(quietMs, graceMs, ttlMs, resendMs, LONGEST_PAUSE_MS));
