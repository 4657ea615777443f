import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { ROOT } from "../toolchain/paths.mjs";
import { readTally, type Tally } from "./results.ts";
import type { Step } from "./steps.ts";

export interface StepResult {
  step: Step;
  isOk: boolean;
  tally: Tally;
}

interface Surroundings {
  env: NodeJS.ProcessEnv;
  /** For reports. */
  dir: string;
  /** Ends the step, as whoever runs it does not want to wait. */
  signal: AbortSignal;
}

/** Runs one step in the foreground; a suite leaves a report beside its readable output, and is counted from it. */
export async function runTestStep(step: Step, { env, dir, signal }: Surroundings): Promise<StepResult> {
  const report = join(dir, `${step.name}.json`);
  const reporters = [
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    "--passWithNoTests",
  ];
  const [command = "", ...args] = step.isSuite ? [...step.command, ...reporters] : step.command;
  const startedAt = Date.now();
  console.log(`\n── ${step.title} (${step.name})`);
  const child = spawn(command, args, { cwd: ROOT, env, signal, stdio: ["ignore", "inherit", "inherit"] });
  const [code] = (await once(child, "close")) as [number | null];
  const tally = step.isSuite ? readTally(report) : { passed: 0, failed: 0 };
  const isOk = code === 0 && tally.failed === 0;
  console.log(
    `── ${step.title}: ${isOk ? "ok" : "FAILED"}, ${((Date.now() - startedAt) / 1000).toFixed(1)} s`,
  );
  return { step, isOk, tally };
}
