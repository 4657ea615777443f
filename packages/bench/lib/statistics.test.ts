import { expect, it } from "vitest";
import { median, spread, summarise } from "./statistics.ts";

it("finds the middle, whatever the order and the count", () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([10, 9, 100])).toBe(10);
  expect(median([])).toBeNaN();
});

it("gives median and range of every value, over the runs that have it", () => {
  expect(spread([5, 1, 3])).toEqual({ median: 3, min: 1, max: 5 });
  expect(summarise([{ a: 1, b: 2 }, { a: 3 }])).toEqual({
    a: { median: 2, min: 1, max: 3 },
    b: { median: 2, min: 2, max: 2 },
  });
});
