import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Column, Run } from "./bench.ts";
import { CONFAB_SETTINGS } from "./confab.ts";
import type { Host } from "./host.ts";
import type { Options } from "./options.ts";
import { type Spread, summarise } from "./statistics.ts";

/** One scenario of one call, as it is kept. */
export interface Result {
  scenario: string;
  about: string;
  startedAt: string;
  host: Host;
  options: Options;
  /** What differs from how Confab is shipped. */
  settings: Record<string, string>;
  /** As MySQL itself gave them. */
  durability: Record<string, string>;
  columns: Column[];
  summary: Summary[];
  runs: Run[];
}

export interface Summary {
  system: string;
  variant: string;
  /** Runs without a fault. */
  runs: number;
  values: Record<string, Spread>;
}

/** Above this share of the machine, others have disturbed a run. */
export const QUIET_SHARE = 0.05;
export const RESULTS = join(import.meta.dirname, "../results");
const SCRATCH = join(RESULTS, "scratch");

/** Medians and ranges over the good runs of each system and variant, in the order in which they came. */
export function summariseRuns(runs: Run[]): Summary[] {
  return [...Map.groupBy(runs, ({ system, variant }) => `${system} ${variant}`).values()].map((group) => {
    const good = group.filter(({ faults }) => faults.length === 0);
    const { system, variant } = group[0] as Run;
    return { system, variant, runs: good.length, values: summarise(good.map(({ values }) => values)) };
  });
}

/** The settings that every result must state. */
export const settings = (): Record<string, string> => ({ ...CONFAB_SETTINGS });

/** Why a result is no measurement that may be shown to others, or undefined. */
export function whyNotKept({ runs, options }: Pick<Result, "runs" | "options">): string | undefined {
  if (runs.length === 0) return "nothing was measured";
  if (runs.some(({ faults }) => faults.length > 0)) return "a run broke a promise";
  if (options.runs < 3) return "there were fewer than three runs of each";
  if (options.profile !== "") return "it was profiled";
  const disturbed = runs.filter(({ foreignShare }) => foreignShare > QUIET_SHARE);
  if (disturbed.length === 0) return undefined;
  return `others used more than ${100 * QUIET_SHARE} % of the machine in ${disturbed.length} of ${runs.length} runs`;
}

/** Writes a result beside the published ones if it may be published, otherwise where git does not look. */
export function keepResult(result: Result): string {
  const dir = whyNotKept(result) ? SCRATCH : RESULTS;
  mkdirSync(dir, { recursive: true });
  const path = join(dir, `${result.scenario}.json`);
  writeFileSync(path, `${JSON.stringify(result, null, 1)}\n`);
  return path;
}

export const readResults = (): Result[] =>
  readdirSync(RESULTS)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(RESULTS, name), "utf8")));
