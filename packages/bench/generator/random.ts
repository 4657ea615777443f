/** Mulberry32: the same numbers in [0, 1) for the same seed, so that a run can be repeated. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The time to the next of events that come independently of each other, so many a second (a Poisson process). */
export const nextGapMs = (random: () => number, perSecond: number): number =>
  (-Math.log(1 - random()) * 1000) / perSecond;
