import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { formatNumber } from "./table.ts";

/** As V8 writes it: samples name nodes, each with the time since the one before. */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
  timeDeltas: number[];
}

/** Makes a Node process write a CPU profile of its whole life when it ends. */
export const profiling = (dir: string, name: string): Record<string, string> =>
  dir === ""
    ? {}
    : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${resolve(dir)} --cpu-prof-name=${name}.cpuprofile` };

const WAITING = new Set(["(idle)", "(program)", "(root)"]);
const SHOWN = 30;

/** Where a file belongs: a package of npm, one of ours, or Node itself. */
export function ownerOf(url: string): string {
  const npm = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (npm) return npm;
  const ours = /\/((?:packages|services)\/[^/]+)\//.exec(url)?.[1];
  return ours ?? (url === "" ? "native" : "node");
}

/** Milliseconds of self time by key; waiting is left out. */
export function selfMsBy(
  { nodes, samples, timeDeltas }: CpuProfile,
  keyOf: (frame: CpuProfile["nodes"][0]["callFrame"]) => string,
): Map<string, number> {
  const keys = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const sums = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const frame = keys.get(id);
    if (!frame || WAITING.has(frame.functionName)) continue;
    const key = keyOf(frame);
    sums.set(key, (sums.get(key) ?? 0) + (timeDeltas[index] ?? 0) / 1000);
  }
  return new Map([...sums].sort(([, a], [, b]) => b - a));
}

/** Who used the CPU in each of a directory's profiles: by package, then by function. */
export function describeProfiles(dir: string): string {
  return readdirSync(dir)
    .filter((name) => name.endsWith(".cpuprofile"))
    .map((name) => describe(name, JSON.parse(readFileSync(join(dir, name), "utf8"))))
    .join("\n");
}

function describe(name: string, profile: CpuProfile): string {
  const owners = selfMsBy(profile, ({ functionName, url }) =>
    functionName === "(garbage collector)" ? "garbage collector" : ownerOf(url),
  );
  const functions = selfMsBy(
    profile,
    ({ functionName, url, lineNumber }) =>
      `${functionName || "(anonymous)"} ${ownerOf(url)} ${url.split("/").at(-1)}:${lineNumber + 1}`,
  );
  const all = [...owners.values()].reduce((sum, ms) => sum + ms, 0);
  const lines = (sums: Map<string, number>) =>
    [...sums]
      .slice(0, SHOWN)
      .map(([key, ms]) => `${formatNumber((100 * ms) / all, 1).padStart(6)} %  ${key}`);
  return [`${name}: ${formatNumber(all)} ms`, ...lines(owners), "", ...lines(functions), ""].join("\n");
}
