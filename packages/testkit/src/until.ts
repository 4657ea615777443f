import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";

export interface UntilOptions {
  timeoutMs?: number;
  /** What is awaited, for the error: "the second device shows the message". A function is asked at the end. */
  describe?: string | (() => string);
  /** Between two looks. */
  everyMs?: number;
}

const LAST_LOOK_MS = 5_000;

/**
 * Looks until `condition` gives something truthy, and returns it. A throw counts as "not yet"; one that never
 * ends counts too. The error says what was seen last. Tests wait with this, never for a length of time.
 */
export async function until<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 15_000, describe = "the condition", everyMs = 10 }: UntilOptions = {},
): Promise<Exclude<T, false | null | undefined | 0 | "">> {
  const endsAt = performance.now() + timeoutMs;
  let last = "it never answered";
  for (;;) {
    const leftMs = endsAt - performance.now();
    try {
      const value = await within(condition, Math.min(Math.max(leftMs, everyMs), LAST_LOOK_MS));
      if (value) return value as Exclude<T, false | null | undefined | 0 | "">;
      last = `it was ${inspect(value, { depth: 4 })}`;
    } catch (error) {
      last = `it threw ${inspect(error, { depth: 4 })}`;
    }
    if (performance.now() >= endsAt) {
      throw new Error(
        `waited ${timeoutMs} ms until ${typeof describe === "string" ? describe : describe()}; at the end ${last}`,
      );
    }
    await sleep(everyMs);
  }
}

async function within<T>(condition: () => T | Promise<T>, timeoutMs: number): Promise<T> {
  const stop = new AbortController();
  try {
    return await Promise.race([
      Promise.resolve(condition()),
      sleep(timeoutMs, undefined, { signal: stop.signal }).then(() => {
        throw new Error(`no answer within ${Math.round(timeoutMs)} ms`);
      }),
    ]);
  } finally {
    stop.abort();
  }
}
