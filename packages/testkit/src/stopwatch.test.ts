import { expect, test } from "vitest";
import { startStopwatch } from "./stopwatch.ts";
import { until } from "./until.ts";

test("goes on while the process is awake, and stands still while it is not", async () => {
  using watch = startStopwatch();
  await until(() => watch.awakeMs >= 100);
  const before = watch.awakeMs;
  // Nothing else runs in this process for half a second.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  expect(watch.awakeMs).toBe(before);
  await new Promise((resolve) => setImmediate(resolve));
  expect(watch.awakeMs).toBeLessThanOrEqual(before + 50);
});
