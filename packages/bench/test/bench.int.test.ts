import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { Result } from "../lib/results.ts";

const MAIN = join(import.meta.dirname, "../main.ts");
const SHORT = ["--quick", "--pairs", "4", "--seconds", "2", "--warmupSeconds", "0.5", "--rates", "50"];
const TIMEOUT_MS = 120_000;

/** Starts real processes on stores of its own; a broken promise in any run would fail the call. */
async function bench(...args: string[]): Promise<Result> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--conditions=@confab/source", MAIN, ...args, ...SHORT, "--json"],
    { timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 },
  );
  return JSON.parse(stdout);
}

it("measures and checks both systems", { timeout: TIMEOUT_MS }, async () => {
  const { runs, host, durability } = await bench("send", "--windows", "2");
  expect(runs.map(({ system, variant, faults }) => [system, variant, faults])).toEqual([
    ["confab", "W=2", []],
    ["confab", "50/s", []],
    ["seed", "W=2", []],
    ["seed", "50/s", []],
  ]);
  for (const { values } of runs) {
    expect(values.messagesPerSecond).toBeGreaterThan(0);
    expect(values.cpuUsPerMessage).toBeGreaterThan(0);
    expect(values.deliveryP99Ms).toBeGreaterThan(0);
  }
  expect(host.stores).toMatch(/Redis/);
  expect(durability.innodb_flush_log_at_trx_commit).toBe("1");
});
