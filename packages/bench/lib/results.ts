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
  /** System and variant of what is left out, because others disturbed a run of it. */
  disturbed: string[];
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

const nameOf = ({ system, variant }: Run): string => `${system} ${variant}`;

const disturbedIn = (runs: Run[]): string[] => [
  ...new Set(runs.filter(({ foreignShare }) => foreignShare > QUIET_SHARE).map(nameOf)),
];

/** What of a result may be shown to others: not the variants of which others disturbed a run. */
export function withoutDisturbed(result: Result): Result {
  const disturbed = disturbedIn(result.runs);
  const runs = result.runs.filter((run) => !disturbed.includes(nameOf(run)));
  return { ...result, runs, summary: summariseRuns(runs), disturbed };
}

/** Medians and ranges over the good runs of each system and variant, in the order in which they came. */
export function summariseRuns(runs: Run[]): Summary[] {
  return [...Map.groupBy(runs, nameOf).values()].map((group) => {
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
  const disturbed = disturbedIn(runs);
  if (runs.some((run) => !disturbed.includes(nameOf(run)))) return undefined;
  return `others used more than ${100 * QUIET_SHARE} % of the machine in a run of every variant`;
}

/** Writes a result beside the published ones if it may be published, otherwise where git does not look. */
export function keepResult(result: Result): string {
  const [dir, kept] = whyNotKept(result) ? [SCRATCH, result] : [RESULTS, withoutDisturbed(result)];
  mkdirSync(dir, { recursive: true });
  const path = join(dir, `${result.scenario}.json`);
  writeFileSync(path, `${JSON.stringify(kept, null, 1)}\n`);
  return path;
}

export const readResults = (): Result[] =>
  readdirSync(RESULTS)
    .filter((name) => name.endsWith(".json"))
    .map((name) => JSON.parse(readFileSync(join(RESULTS, name), "utf8")));
