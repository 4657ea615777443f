import { expect, test } from "vitest";
import { readTally, sumTallies, tallyReport } from "./results.ts";
import { ownerOf } from "./scratch.ts";
import { STEPS, selectSteps } from "./steps.ts";

const names = (args: string[]) => selectSteps(args).steps.map(({ name }) => name);

test("npm test runs everything that a change must pass, in order", () => {
  expect(names([])).toEqual(STEPS.map(({ name }) => name));
  expect(names([]).at(-1)).toBe("chaos");
});

test("named steps run alone, in their usual order, and a typo is refused", () => {
  expect(names(["int", "unit"])).toEqual(["unit", "int"]);
  expect(names(["chaos"])).toEqual(["chaos"]);
  expect(() => selectSteps(["untit"])).toThrow(/no step "untit"/);
  expect(() => selectSteps(["--fast"])).toThrow(/--fast/);
  expect(selectSteps(["--keep-going"]).bail).toBe(false);
});

test("a file that could not be loaded, and a run that failed for no test's fault, count as failures", () => {
  const report = { numPassedTests: 3, numFailedTests: 0, success: false, testResults: [] };
  const unloaded = { status: "failed", assertionResults: [] };
  expect(tallyReport(report)).toEqual({ passed: 3, failed: 1 });
  expect(tallyReport({ ...report, numFailedTests: 1, testResults: [unloaded] })).toEqual({
    passed: 3,
    failed: 2,
  });
  expect(tallyReport({ ...report, success: true })).toEqual({ passed: 3, failed: 0 });
  expect(readTally("/does/not/exist.json")).toEqual({ passed: 0, failed: 1 });
});

test("the closing line sums all suites", () => {
  expect(
    sumTallies([
      { passed: 1, failed: 0 },
      { passed: 2, failed: 3 },
    ]),
  ).toEqual({ passed: 3, failed: 3 });
  expect(sumTallies([])).toEqual({ passed: 0, failed: 0 });
});

test("a scratch directory names the process that it belongs to, and nothing else is taken for one", () => {
  expect(ownerOf("test-4711-aB3xYz")).toBe(4711);
  expect(ownerOf("toolchain")).toBeUndefined();
  expect(ownerOf("test-results")).toBeUndefined();
});
