import { merge, percentiles } from "../generator/latency.ts";
import type { Run, Scenario } from "../lib/bench.ts";
import { difference, readCounters } from "../lib/counters.ts";
import { Generator } from "../lib/generators.ts";
import { inRounds } from "../lib/rounds.ts";
import { countersPer, cpuPer, openWindow } from "../lib/window.ts";
import { populate } from "../lib/world.ts";

/** More at once only makes them wait for each other. */
const CONCURRENCY = 200;

export const connect: Scenario = {
  name: "connect",
  about: "everybody connects as fast as the gateways let them in",
  columns: [
    { value: "connectsPerSecond", title: "connects/s" },
    { value: "cpuUsPerConnect", title: "CPU µs/connect" },
    { value: "connectP50Ms", title: "p50 ms", digits: 1 },
    { value: "connectP99Ms", title: "p99 ms", digits: 1 },
    { value: "mysqlStatementsPerConnect", title: "statements/connect", digits: 1 },
    { value: "redisCommandsPerConnect", title: "Redis commands/connect", digits: 1 },
    { value: "refusals", title: "told to come back" },
  ],
  run(bench) {
    const { connections, systems } = bench.options;
    return inRounds(bench, systems, async (system, round) => {
      const runs: Run[] = [];
      for (const people of connections) {
        bench.say(`· ${system.name} ${people} connect, round ${round}`);
        await using generator = new Generator();
        const groups = Array.from({ length: people / 2 }, (_, pair) => [2 * pair, 2 * pair + 1]);
        const world = await populate(system, { people, groups, gatewayOf: (index) => index });
        await generator.call("idlers", { people: world.people });
        const countersBefore = await readCounters(bench.stores, system);
        const closeWindow = openWindow(system, [generator.pid]);
        const report = await generator.call("idlersConnect", {
          count: people,
          concurrency: CONCURRENCY,
          deadlineMs: 300_000,
        });
        const used = closeWindow();
        const counters = difference(await readCounters(bench.stores, system), countersBefore);
        const { lost } = await generator.call("idlersReport");
        runs.push({
          system: system.name,
          variant: `${people} people`,
          round,
          values: {
            connectsPerSecond: (people * 1000) / report.tookMs,
            ...cpuPer("Connect", people, used),
            ...countersPer("Connect", people, counters),
            ...percentiles("connect", merge([report.latency])),
            refusals: report.refusals,
          },
          faults: lost > 0 ? [`${lost} connections were lost`] : [],
          foreignShare: used.foreignShare,
        });
      }
      return runs;
    });
  },
};
