import { expect, it } from "vitest";
import { createHistogram, merge, pack, percentiles, recordMs } from "./latency.ts";

it("merges what several processes saw, to three digits", () => {
  const parts = [0, 1].map((part) => {
    const histogram = createHistogram();
    for (let ms = 1 + part; ms <= 1000; ms += 2) recordMs(histogram, ms);
    return pack(histogram);
  });
  const values = percentiles("ack", merge(parts));
  expect(values.ackP50Ms).toBeCloseTo(500, -1);
  expect(values.ackP99Ms).toBeCloseTo(990, -1);
  expect(values.ackMaxMs).toBeCloseTo(1000, -1);
});

it("keeps the one that waited a minute", () => {
  const histogram = createHistogram();
  recordMs(histogram, 0.1);
  recordMs(histogram, 60_000);
  expect(percentiles("ack", merge([pack(histogram)])).ackMaxMs).toBeCloseTo(60_000, -2);
});

it("has nothing to say of nothing", () => {
  expect(percentiles("ack", createHistogram())).toEqual({});
});
