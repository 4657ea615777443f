import { Problem } from "@confab/local";
import type { SystemName } from "./system.ts";

/** What a call of the bench can be told; every scenario takes from it what concerns it. */
export interface Options {
  /** Systems that are compared, in the order in which they take turns. */
  systems: SystemName[];
  /** How often each of them has its turn. */
  runs: number;
  warmupSeconds: number;
  seconds: number;
  /** Processes that make the load. */
  generators: number;
  gateways: number;
  gatewayCounts: number[];
  pairs: number;
  /** Messages under way in each conversation, closed loop. */
  windows: number[];
  /** Messages a second, open loop. */
  rates: number[];
  bodyBytes: number;
  groupSizes: number[];
  connections: number[];
  idleSeconds: number;
  reconnections: number;
  historyMessages: number;
  historyPages: number;
  conversations: number;
  presencePeople: number;
  /** Directory for CPU profiles of Confab's processes, which cost some of what they show; empty for none. */
  profile: string;
}

export const FULL: Options = {
  systems: ["confab", "seed"],
  runs: 3,
  warmupSeconds: 10,
  seconds: 20,
  generators: 1,
  gateways: 2,
  gatewayCounts: [1, 2, 4, 8],
  pairs: 100,
  windows: [1, 8],
  rates: [500, 1000, 2000],
  bodyBytes: 100,
  groupSizes: [10, 100, 1000],
  connections: [2000, 10_000],
  idleSeconds: 60,
  reconnections: 10_000,
  historyMessages: 1_000_000,
  historyPages: 2000,
  conversations: 200,
  presencePeople: 1000,
  profile: "",
};

/** Whether everything works, in a minute or two; its numbers mean nothing. */
export const QUICK: Options = {
  ...FULL,
  runs: 1,
  warmupSeconds: 1,
  seconds: 2,
  gatewayCounts: [1, 2],
  pairs: 10,
  rates: [100],
  groupSizes: [10, 50],
  connections: [100],
  idleSeconds: 3,
  reconnections: 200,
  historyMessages: 5000,
  historyPages: 100,
  conversations: 20,
  presencePeople: 40,
};

/** Puts `--name value` (lists with commas) in place of what `base` says. @throws Problem */
export function withArguments(base: Options, given: Record<string, string>): Options {
  const options: Record<string, unknown> = { ...base };
  for (const [name, text] of Object.entries(given)) {
    const known = options[name];
    if (known === undefined) {
      throw new Problem(`--${name} is not an option.`, [`Options: ${Object.keys(base).join(", ")}`]);
    }
    if (typeof known === "string") options[name] = text;
    else
      options[name] = name === "systems" ? readSystems(text) : readNumbers(name, text, Array.isArray(known));
  }
  return options as unknown as Options;
}

function readSystems(text: string): SystemName[] {
  const names = text.split(",");
  const unknown = names.find((name) => name !== "confab" && name !== "seed");
  if (unknown !== undefined)
    throw new Problem(`There is no system "${unknown}".`, ["It may be confab, seed."]);
  return names as SystemName[];
}

function readNumbers(name: string, text: string, isList: boolean): number | number[] {
  const numbers = text.split(",").map(Number);
  const [first = Number.NaN] = numbers;
  const isGood = numbers.every((number) => number > 0) && (isList || numbers.length === 1);
  if (!isGood) throw new Problem(`--${name} cannot be "${text}".`, ["Numbers above 0; lists with commas."]);
  return isList ? numbers : first;
}
