import { expect, it } from "vitest";
import type { Run } from "./bench.ts";
import { FULL } from "./options.ts";
import { type Result, summariseRuns, whyNotKept, withoutDisturbed } from "./results.ts";

const run = (round: number, changes: Partial<Run> = {}): Run => ({
  system: "confab",
  variant: "W=8",
  round,
  values: { messagesPerSecond: 1000 * round },
  faults: [],
  foreignShare: 0.01,
  ...changes,
});

it("summarises good runs alone, by system and variant", () => {
  const runs = [run(1), run(2), run(3, { faults: ["lost"] }), run(1, { system: "seed" })];
  expect(summariseRuns(runs)).toEqual([
    {
      system: "confab",
      variant: "W=8",
      runs: 2,
      values: { messagesPerSecond: { median: 1500, min: 1000, max: 2000 } },
    },
    {
      system: "seed",
      variant: "W=8",
      runs: 1,
      values: { messagesPerSecond: { median: 1000, min: 1000, max: 1000 } },
    },
  ]);
});

it("keeps what three quiet runs without a fault have shown, and nothing else", () => {
  const options = FULL;
  const runs = [run(1), run(2), run(3)];
  expect(whyNotKept({ runs, options })).toBeUndefined();
  expect(whyNotKept({ runs: [], options })).toBe("nothing was measured");
  expect(whyNotKept({ runs, options: { ...options, runs: 1 } })).toContain("fewer than three");
  expect(whyNotKept({ runs, options: { ...options, profile: "/tmp/p" } })).toContain("profiled");
  expect(whyNotKept({ runs: [...runs, run(4, { faults: ["lost"] })], options })).toContain("promise");
  expect(whyNotKept({ runs: [...runs, run(4, { foreignShare: 0.2 })], options })).toContain("every variant");
});

it("leaves out and names a variant of which others disturbed a run", () => {
  const runs = [
    run(1),
    run(2),
    run(1, { variant: "500/s" }),
    run(2, { variant: "500/s", foreignShare: 0.2 }),
  ];
  expect(whyNotKept({ runs, options: FULL })).toBeUndefined();
  const shown = withoutDisturbed({ runs, summary: summariseRuns(runs), disturbed: [] } as unknown as Result);
  expect(shown.runs).toEqual(runs.slice(0, 2));
  expect(shown.summary.map(({ variant }) => variant)).toEqual(["W=8"]);
  expect(shown.disturbed).toEqual(["confab 500/s"]);
});
