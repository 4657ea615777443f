import { expect, it } from "vitest";
import { createRandom, nextGapMs } from "./random.ts";

const gaps = (seed: number, perSecond: number): number[] => {
  const random = createRandom(seed);
  return Array.from({ length: 20_000 }, () => nextGapMs(random, perSecond));
};

it("spaces events as a Poisson process does: the mean is the rate's, and so is the deviation", () => {
  const list = gaps(1, 500);
  const mean = list.reduce((sum, gap) => sum + gap, 0) / list.length;
  const deviation = Math.sqrt(list.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / list.length);
  expect(mean).toBeCloseTo(2, 1);
  expect(deviation).toBeCloseTo(2, 1);
  expect(Math.min(...list)).toBeGreaterThanOrEqual(0);
});

it("repeats itself for the same seed alone", () => {
  expect(gaps(7, 100)).toEqual(gaps(7, 100));
  expect(gaps(7, 100)).not.toEqual(gaps(8, 100));
});
