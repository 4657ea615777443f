import { setTimeout as sleep } from "node:timers/promises";
import type { Bench, Run, Scenario } from "../lib/bench.ts";
import { Generator } from "../lib/generators.ts";
import { byName, residentBytes, slabBytes } from "../lib/proc.ts";
import { inRounds } from "../lib/rounds.ts";
import type { System } from "../lib/system.ts";
import { openWindow, total } from "../lib/window.ts";
import { populate } from "../lib/world.ts";

/** What a process allocates once, at its first connections, is no connection's. */
const FIRST_CONNECTIONS = 100;
const CONNECT = { concurrency: 50, deadlineMs: 300_000 };
/** Sockets that were opened in a hurry leave garbage: it is given this long to go. */
const SETTLE_MS = 10_000;

export const idle: Scenario = {
  name: "idle",
  about: "connections that do nothing, with presence on: memory and CPU of all processes, by connection",
  columns: [
    { value: "kibPerConnection", title: "KiB/connection", digits: 1 },
    { value: "gatewayKibPerConnection", title: "of it in gateways", digits: 1 },
    { value: "kernelKibPerConnection", title: "kernel, beside it, with both ends", digits: 1 },
    { value: "cpuUsPerConnectionSecond", title: "CPU µs/s per connection", digits: 1 },
  ],
  run(bench) {
    const { connections, systems } = bench.options;
    return inRounds(bench, systems, async (system, round) => {
      const runs: Run[] = [];
      // One turn for the largest number, with a look at each on the way.
      await using generator = new Generator();
      const largest = Math.max(...connections);
      const people = FIRST_CONNECTIONS + largest;
      const groups = Array.from({ length: people / 2 }, (_, pair) => [2 * pair, 2 * pair + 1]);
      const world = await populate(system, { people, groups, gatewayOf: (index) => index });
      await generator.call("idlers", { people: world.people });
      await generator.call("idlersConnect", { count: FIRST_CONNECTIONS, ...CONNECT });
      await sleep(settleMs(bench));
      const before = memoryOf(system);
      let connected = 0;
      for (const count of [...connections].sort((a, b) => a - b)) {
        await generator.call("idlersConnect", { count: count - connected, ...CONNECT });
        connected = count;
        runs.push(await measureIdle(bench, system, { count, round, before, generator }));
      }
      return runs;
    });
  },
};

const settleMs = ({ options }: Bench) => Math.min(SETTLE_MS, options.idleSeconds * 1000);

const memoryOf = (system: System) => ({
  resident: byName(system.processes, residentBytes),
  slab: slabBytes(),
});

async function measureIdle(
  bench: Bench,
  system: System,
  at: { count: number; round: number; before: ReturnType<typeof memoryOf>; generator: Generator },
): Promise<Run> {
  const { count, round, before, generator } = at;
  bench.say(`· ${system.name} ${count} idle connections, round ${round}`);
  await sleep(settleMs(bench));
  const closeWindow = openWindow(system, [generator.pid]);
  await sleep(bench.options.idleSeconds * 1000);
  const used = closeWindow();
  const after = memoryOf(system);
  const { lost, connected } = await generator.call("idlersReport");
  const kib = (bytes: number) => bytes / 1024 / count;
  const grown = Object.fromEntries(
    Object.entries(after.resident).map(([name, bytes]) => [
      `${name}KibPerConnection`,
      kib(bytes - (before.resident[name] as number)),
    ]),
  );
  return {
    system: system.name,
    variant: `${count} connections`,
    round,
    values: {
      kibPerConnection: total(grown),
      ...grown,
      kernelKibPerConnection: kib(after.slab - before.slab),
      cpuUsPerConnectionSecond: total(used.cpuUs) / used.seconds / connected,
    },
    faults: lost > 0 ? [`${lost} connections were lost`] : [],
    foreignShare: used.foreignShare,
  };
}
