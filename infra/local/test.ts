import { rmSync } from "node:fs";
import { join } from "node:path";
import { reportProblem } from "./problem.mjs";
import { onStopSignal } from "./signals.ts";
import { parseStoreMode } from "./stores/choose.ts";
import type { Stores } from "./stores/types.ts";
import { startStores } from "./stores.ts";
import { ensureChromium } from "./test-run/chromium.ts";
import { sumTallies } from "./test-run/results.ts";
import { runTestStep, type StepResult } from "./test-run/run-step.ts";
import { makeScratch } from "./test-run/scratch.ts";
import { type Step, selectSteps } from "./test-run/steps.ts";
import { STATE } from "./toolchain/paths.mjs";

const startedAt = Date.now();
const dir = makeScratch(STATE);
const interruption = new AbortController();
let stores: Stores | undefined;

/** For the test processes; what the steps need is added when it is there. */
const env: NodeJS.ProcessEnv = { ...process.env };

async function provideStores() {
  const mode = parseStoreMode(process.env.CONFAB_STORES);
  stores = await startStores({ mode, dir: join(dir, "stores"), log: console.log });
  console.log(`· Stores: ${stores.flavour} (${stores.source})`);
  env.TEST_MYSQL_URL = stores.mysqlUrl;
  env.TEST_REDIS_REALTIME_URL = stores.redisRealtimeUrl;
  env.TEST_REDIS_QUEUE_URL = stores.redisQueueUrl;
}

/** What a step needs around it, brought when the first step asks: a type error must not wait for a database. */
async function provide({ needs }: Step) {
  if (needs?.includes("stores") && !stores) await provideStores();
  if (needs?.includes("chromium")) env.CHROMIUM_PATH ??= await ensureChromium(process.env);
}

async function cleanUp() {
  await stores?.stop();
  rmSync(dir, { recursive: true, force: true });
}

/** A step whose surroundings cannot be had has failed like any other. */
async function provideAndRun(step: Step): Promise<StepResult> {
  try {
    await provide(step);
    return await runTestStep(step, { env, dir, signal: interruption.signal });
  } catch (error) {
    reportProblem(error);
    return { step, isOk: false, tally: { passed: 0, failed: step.isSuite ? 1 : 0 } };
  }
}

async function runTests(args: string[]): Promise<boolean> {
  const { steps, bail } = selectSteps(args);
  const results: StepResult[] = [];
  for (const step of steps) {
    const result = await provideAndRun(step);
    results.push(result);
    if (!result.isOk && bail) break;
  }
  const failedSteps = results.filter(({ isOk, step }) => !isOk && !step.isSuite).map(({ step }) => step.name);
  const { passed, failed } = sumTallies(results.map(({ tally }) => tally));
  console.log(
    `\nTook ${((Date.now() - startedAt) / 1000).toFixed(0)} s${stores ? ` on ${stores.flavour}` : ""}.`,
  );
  if (failedSteps.length > 0) console.log(`Failed: ${failedSteps.join(", ")}`);
  const skipped = steps.slice(results.length).map(({ name }) => name);
  if (skipped.length > 0) console.log(`Not run after the failure: ${skipped.join(", ")}`);
  // A failed step that is no suite (types, lint) counts as one, so that the last line never looks green by mistake.
  console.log(`${passed} passed, ${failed + failedSteps.length} failed`);
  return results.every(({ isOk }) => isOk);
}

onStopSignal(async () => {
  interruption.abort();
  await cleanUp();
  process.exit(130);
});
try {
  process.exitCode = (await runTests(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  reportProblem(error);
  process.exitCode = 1;
} finally {
  await cleanUp();
}
