import type { Options } from "./options.ts";
import type { BenchStores } from "./stores.ts";
import type { SystemName } from "./system.ts";

/** What one call of the bench shares between its scenarios. */
export interface Bench {
  options: Options;
  stores: BenchStores;
  /** Progress, for whoever watches. */
  say: (line: string) => void;
}

/** One measurement of one system. */
export interface Run {
  system: SystemName;
  /** What was done, such as `W=8`. */
  variant: string;
  round: number;
  /** Units are in the names. */
  values: Record<string, number>;
  /** Broken promises, in words: with any of them the run counts for nothing. */
  faults: string[];
  /** Share of the machine that others used meanwhile. */
  foreignShare: number;
}

export interface Column {
  value: string;
  title: string;
  digits?: number;
}

export interface Scenario {
  name: string;
  about: string;
  /** Those of the values that a table shows. */
  columns: Column[];
  run(bench: Bench): Promise<Run[]>;
}
