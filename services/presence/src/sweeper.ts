/** P7: finds leases that lapsed, so that people of a crashed gateway are offline within TTL and one look. */
import type { Logger } from "@confab/runtime";
import type { Transition } from "./state.ts";
import { type StoreContext, sweep } from "./store.ts";

/** People per shard and look; more are looked at without a pause. */
const LIMIT = 500;
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
    const full = ctx.redis.status === "ready" && (await this.#sweepOnce());
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#look(), full ? 0 : intervalMs);
    this.#timer.unref();
  }

  /** Whether there may be more. */
  async #sweepOnce(): Promise<boolean> {
    const { ctx, log, onTransitions } = this.#options;
    try {
      const { transitions, full } = await sweep(ctx, LIMIT);
      onTransitions(transitions);
      this.#lastLookAt = performance.now();
      this.#failing = false;
      return full;
    } catch (error) {
      if (!this.#failing) log.warn({ err: error }, "lapsed leases cannot be looked for");
      this.#failing = true;
      return false;
    }
  }
}
