import { readFileSync } from "node:fs";

export interface Tally {
  passed: number;
  failed: number;
}

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numFailedTestSuites: number;
  success: boolean;
}

/** A file that could not even be loaded has no failed test, but it is a failure all the same. */
export function tallyReport(report: VitestReport): Tally {
  const { numPassedTests: passed, numFailedTests: failed, success } = report;
  return { passed, failed: failed === 0 && !success ? 1 : failed };
}

/** Counts one suite from the report that vitest left; a missing report is a suite that broke down. */
export function readTally(file: string): Tally {
  try {
    return tallyReport(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return { passed: 0, failed: 1 };
  }
}

export function sumTallies(tallies: Tally[]): Tally {
  return tallies.reduce(
    (sum, tally) => ({ passed: sum.passed + tally.passed, failed: sum.failed + tally.failed }),
    {
      passed: 0,
      failed: 0,
    },
  );
}
