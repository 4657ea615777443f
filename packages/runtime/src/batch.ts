import { ChatError } from "@confab/contract";

export interface BatcherOptions<Item, Result> {
  maxItems: number;
  /** Beyond this many waiting items new ones are refused: overload sheds, it does not queue for ever. */
  maxWaiting: number;
  /** Answers in the items' order, one result each. A rejection rejects every item of the batch. */
  run: (items: Item[]) => Promise<Result[]>;
}

/**
 * Natural batching: what arrives while a batch is under way forms the next one. No timer, so a lone item is
 * not held back, and order of arrival is order of execution.
 */
export class Batcher<Item, Result> {
  readonly #options: BatcherOptions<Item, Result>;
  #waiting: { item: Item; resolve: (result: Result) => void; reject: (error: unknown) => void }[] = [];
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
      this.#waiting.push({ item, resolve, reject });
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
      const batch = this.#waiting.splice(0, this.#options.maxItems);
      try {
        const results = await this.#options.run(batch.map((entry) => entry.item));
        batch.forEach((entry, index) => {
          entry.resolve(results[index] as Result);
        });
      } catch (error) {
        for (const entry of batch) entry.reject(error);
      }
    }
    this.#running = false;
  }
}
