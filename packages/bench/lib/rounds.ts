import type { Bench, Run } from "./bench.ts";
import { startConfab } from "./confab.ts";
import { startSeed } from "./seed.ts";
import type { System } from "./system.ts";

/** Starts one of the systems that are compared. */
export function startSystem(
  bench: Bench,
  name: System["name"],
  gateways = bench.options.gateways,
): Promise<System> {
  const { stores, say } = bench;
  return name === "confab"
    ? startConfab(stores, { gateways, profile: bench.options.profile, say })
    : startSeed(stores, { say });
}

/**
 * Each system has its turn, each time started anew, and then again: whatever drifts on the machine drifts for all.
 * `measure` makes the runs of one turn.
 */
export async function inRounds(
  bench: Bench,
  systems: System["name"][],
  measure: (system: System, round: number) => Promise<Run[]>,
): Promise<Run[]> {
  const runs: Run[] = [];
  for (let round = 1; round <= bench.options.runs; round++) {
    for (const name of systems) {
      await using system = await startSystem(bench, name);
      runs.push(...(await measure(system, round)));
    }
  }
  return runs;
}
