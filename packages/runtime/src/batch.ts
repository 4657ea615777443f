import { ChatError } from "@confab/contract";
import type { Clock } from "./clock.ts";

export interface BatcherOptions<Item, Result> {
  maxItems: number;
  /** Beyond this many waiting items new ones are refused: overload sheds, it does not queue for ever. */
  maxWaiting: number;
  /** Who has waited longer for a batch is refused with `timeout`: they no longer listen, and would only add to the load. */
  maxWait?: { ms: number; clock: Clock };
  /**
   * Whether an item may be to blame for this failure of a batch: then each of the batch is run alone, so that what is
   * wrong with one concerns no other.
   */
  mayBeOneItems?: (error: unknown) => boolean;
  /** Answers in the items' order, one result each. A rejection rejects every item of the batch. */
  run: (items: Item[]) => Promise<Result[]>;
}

interface Waiting<Item, Result> {
  item: Item;
  sinceMs: number;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

/**
 * Natural batching: what arrives while a batch is under way forms the next one. No timer, so a lone item is
 * not held back, and order of arrival is order of execution.
 */
export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>;
  #waiting: Waiting<Item, Result>[] = [];
  #running = false;

  constructor(options: BatcherOptions<Item, Result>) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** @throws ChatError `unavailable`, reason `overloaded`, when too much waits already */
  add(item: Item): Promise<Result> {
    if (this.#waiting.length >= this.#options.maxWaiting) {
      return Promise.reject(new ChatError("unavailable", { reason: "overloaded", retryAfterMs: 1000 }));
    }
    const answer = new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ item, sinceMs: this.#nowMs(), resolve, reject });
    });
    if (!this.#running) {
      this.#running = true;
      // Everything that the current turn of the event loop brings goes into the first batch together.
      setImmediate(() => void this.#drain());
    }
    return answer;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#take();
      if (batch.length === 0) continue;
      try {
        const results = await this.#options.run(batch.map((entry) => entry.item));
        batch.forEach((entry, index) => {
          entry.resolve(results[index] as Result);
        });
      } catch (error) {
        if (batch.length > 1 && this.#options.mayBeOneItems?.(error)) {
          await Promise.all(batch.map((entry) => this.#runAlone(entry)));
        } else for (const entry of batch) entry.reject(error);
      }
    }
    this.#running = false;
  }

  async #runAlone({ item, resolve, reject }: Waiting<Item, Result>): Promise<void> {
    try {
      const [result] = await this.#options.run([item]);
      resolve(result as Result);
    } catch (error) {
      reject(error);
    }
  }

  #nowMs(): number {
    return this.#options.maxWait?.clock.now() ?? 0;
  }

  #take(): Waiting<Item, Result>[] {
    const { maxItems, maxWait } = this.#options;
    const first = this.#waiting.splice(0, maxItems);
    const beforeMs = this.#nowMs() - (maxWait?.ms ?? 0);
    for (const { sinceMs, reject } of first) {
      if (sinceMs < beforeMs) reject(new ChatError("timeout", { reason: "queue_timeout" }));
    }
    return first.filter(({ sinceMs }) => sinceMs >= beforeMs);
  }
}
