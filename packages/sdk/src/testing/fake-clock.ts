import type { Clock } from "../runtime.ts";

/** Time that moves only when told; what is due runs in order, and promises settle in between. */
export interface FakeClock extends Clock {
  advance(byMs: number): Promise<void>;
}

/** Lets everything that waits on settled promises run. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export function createFakeClock(startMs = Date.UTC(2030, 0, 1)): FakeClock {
  let nowMs = startMs;
  let lastId = 0;
  const timers = new Map<number, { atMs: number; run: () => void }>();
  return {
    now: () => nowMs,
    setTimeout(run, delayMs) {
      lastId += 1;
      timers.set(lastId, { atMs: nowMs + Math.max(0, delayMs), run });
      return lastId;
    },
    clearTimeout: (id) => void timers.delete(id as number),
    async advance(byMs) {
      const endMs = nowMs + byMs;
      await settled();
      for (;;) {
        const due = [...timers].filter(([, timer]) => timer.atMs <= endMs);
        const next = due.sort(([a, one], [b, other]) => one.atMs - other.atMs || a - b)[0];
        if (next === undefined) break;
        timers.delete(next[0]);
        nowMs = next[1].atMs;
        next[1].run();
        await settled();
      }
      nowMs = endMs;
    },
  };
}

/** Mulberry32: the same numbers for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
