import type { PaceOptions } from "../generator/pace.ts";
import type { Column, Run, Scenario } from "../lib/bench.ts";
import { inRounds } from "../lib/rounds.ts";
import { measureSending } from "../lib/sending.ts";
import { createWorld } from "../lib/world.ts";

export const SEND_COLUMNS: Column[] = [
  { value: "messagesPerSecond", title: "messages/s" },
  { value: "cpuUsPerMessage", title: "CPU µs/message" },
  { value: "ackP50Ms", title: "ack p50 ms", digits: 1 },
  { value: "ackP99Ms", title: "ack p99 ms", digits: 1 },
  { value: "deliveryP50Ms", title: "delivery p50 ms", digits: 1 },
  { value: "deliveryP99Ms", title: "delivery p99 ms", digits: 1 },
  { value: "mysqlRowsInsertedPerMessage", title: "rows/message", digits: 2 },
  { value: "messagesPerBatch", title: "messages/batch", digits: 1 },
  { value: "outOfOrderPerThousand", title: "‰ out of order", digits: 1 },
  { value: "refused", title: "refused" },
  { value: "overCapacity", title: "over capacity" },
];

export const send: Scenario = {
  name: "send",
  about: "pairs of people across the gateways, each message durable and delivered",
  columns: SEND_COLUMNS,
  run(bench) {
    const { windows, rates, pairs, systems } = bench.options;
    return inRounds(bench, systems, async (system, round) => {
      const runs: Run[] = [];
      const measure = async (variant: string, pace: PaceOptions) => {
        const world = await createWorld(system, Array<number>(pairs).fill(2));
        runs.push(await measureSending(bench, system, { variant, round, world, pace }));
      };
      for (const window of windows) await measure(`W=${window}`, { kind: "closed", window });
      for (const perSecond of rates) {
        await measure(`${perSecond}/s`, { kind: "open", perSecond, seed: round });
      }
      return runs;
    });
  },
};
