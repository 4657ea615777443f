import type { Run, Scenario } from "../lib/bench.ts";
import { inRounds } from "../lib/rounds.ts";
import { measureSending } from "../lib/sending.ts";
import { createWorld } from "../lib/world.ts";

/** So that every size has about as many connections as the pairs have, or as many as its one group. */
const PEOPLE = 200;
/** Messages under way in each group. */
const WINDOW = 8;

export const groups: Scenario = {
  name: "groups",
  about: "groups whose members are all connected, across the gateways",
  columns: [
    { value: "messagesPerSecond", title: "messages/s" },
    { value: "deliveriesPerSecond", title: "deliveries/s" },
    { value: "deliveriesPerGatewayCoreSecond", title: "deliveries/s per gateway core" },
    { value: "cpuUsPerMessage", title: "CPU µs/message" },
    { value: "deliveryP50Ms", title: "delivery p50 ms", digits: 1 },
    { value: "deliveryP99Ms", title: "delivery p99 ms", digits: 1 },
    { value: "mysqlRowsInsertedPerMessage", title: "rows/message", digits: 2 },
    { value: "redisPublishesPerMessage", title: "publishes/message", digits: 2 },
  ],
  run(bench) {
    const { groupSizes, systems } = bench.options;
    return inRounds(bench, systems, async (system, round) => {
      const runs: Run[] = [];
      for (const size of groupSizes) {
        const count = Math.max(1, Math.floor(PEOPLE / size));
        const world = await createWorld(system, Array<number>(count).fill(size));
        const pace = { kind: "closed", window: WINDOW } as const;
        runs.push(await measureSending(bench, system, { variant: `${size} members`, round, world, pace }));
      }
      return runs;
    });
  },
};
