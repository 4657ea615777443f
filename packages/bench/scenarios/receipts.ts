import type { Scenario } from "../lib/bench.ts";
import { inRounds } from "../lib/rounds.ts";
import { measureSending } from "../lib/sending.ts";
import { createWorld } from "../lib/world.ts";
import { SEND_COLUMNS } from "./send.ts";

/** The seeds write a row for every receipt; the naive system here has none, so only Confab is measured. */
export const receipts: Scenario = {
  name: "receipts",
  about: "pairs, as in send at W=8, where everybody marks what they hear as read",
  columns: [
    ...SEND_COLUMNS.slice(0, 6),
    { value: "receiptsPerMessage", title: "receipts/message", digits: 2 },
    { value: "mysqlRowsUpdatedPerMessage", title: "updated rows/message", digits: 2 },
  ],
  run(bench) {
    const { pairs, rates } = bench.options;
    const perSecond = rates[0] as number;
    const paces = [
      { variant: "W=8", pace: { kind: "closed", window: 8 } },
      { variant: `${perSecond}/s`, pace: { kind: "open", perSecond, seed: 1 } },
    ] as const;
    return inRounds(bench, ["confab"], async (system, round) => {
      const runs = [];
      for (const { variant, pace } of paces) {
        const world = await createWorld(system, Array<number>(pairs).fill(2));
        runs.push(await measureSending(bench, system, { variant, round, world, pace, receipts: true }));
      }
      return runs;
    });
  },
};
