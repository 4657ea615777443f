import { readFileSync } from "node:fs";

export interface Tally {
  passed: number;
  failed: number;
}

/** The part of vitest's JSON report that is read here. */
interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  success: boolean;
  testResults: { status: string; assertionResults: unknown[] }[];
}

/** A file that could not even be loaded has no failed test, but it is a failure all the same. */
export function tallyReport(report: VitestReport): Tally {
  const unloaded = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  );
  const failed = report.numFailedTests + unloaded.length;
  return { passed: report.numPassedTests, failed: failed === 0 && !report.success ? 1 : failed };
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
