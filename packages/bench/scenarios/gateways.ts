import type { Run, Scenario } from "../lib/bench.ts";
import { startSystem } from "../lib/rounds.ts";
import { measureSending } from "../lib/sending.ts";
import { createWorld } from "../lib/world.ts";
import { SEND_COLUMNS } from "./send.ts";

/** Closed loop shows the cost where nothing idles; the open loop compares at equal load. */
export const gateways: Scenario = {
  name: "gateways",
  about: "the pairs of send on more and more gateways",
  columns: [...SEND_COLUMNS, { value: "redisPublishesPerMessage", title: "publishes/message", digits: 2 }],
  async run(bench) {
    const { gatewayCounts, pairs, runs: rounds, rates } = bench.options;
    const perSecond = rates[0] as number;
    const runs: Run[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const count of gatewayCounts) {
        await using system = await startSystem(bench, "confab", count);
        const paces = [
          { load: "W=8", pace: { kind: "closed", window: 8 } },
          { load: `${perSecond}/s`, pace: { kind: "open", perSecond, seed: round } },
        ] as const;
        for (const { load, pace } of paces) {
          const world = await createWorld(system, Array<number>(pairs).fill(2));
          const variant = `${count} gateways, ${load}`;
          runs.push(await measureSending(bench, system, { variant, round, world, pace }));
        }
      }
    }
    return runs;
  },
};
