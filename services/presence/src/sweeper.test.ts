import { expect, it } from "vitest";
import { pauseOf } from "./sweeper.ts";

const leases = { ttlMs: 50_000, graceMs: 2000, memoryMs: 1, resendMs: 10_000, retentionMs: 1 };

it("looks again when the first is due, or when somebody may be who is not in the schedule yet", () => {
  expect(pauseOf(700, 250, leases)).toBe(700);
  expect(pauseOf(40, 250, leases)).toBe(250);
  expect(pauseOf(30_000, 250, leases)).toBe(2000);
  expect(pauseOf(Number.POSITIVE_INFINITY, 250, { ...leases, resendMs: 300 })).toBe(300);
  // Often enough to notice that Redis is away.
  expect(pauseOf(30_000, 250, { ...leases, graceMs: 20_000 })).toBe(3000);
});
