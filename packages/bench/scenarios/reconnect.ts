import { merge, percentiles } from "../generator/latency.ts";
import type { Scenario } from "../lib/bench.ts";
import { violations } from "../lib/checker.ts";
import { Generator } from "../lib/generators.ts";
import { inRounds } from "../lib/rounds.ts";
import { readStored } from "../lib/stored.ts";
import { cpuPer, openWindow } from "../lib/window.ts";
import { populate } from "../lib/world.ts";

/** Those who write meanwhile. */
const SURVIVORS = 100;

export const reconnect: Scenario = {
  name: "reconnect",
  about: "everybody but a few is cut off at once, comes back and syncs, while those few write to them",
  columns: [
    { value: "backSeconds", title: "all back and in sync, s", digits: 1 },
    { value: "backP50Ms", title: "p50 ms" },
    { value: "backP99Ms", title: "p99 ms" },
    { value: "cpuUsPerReconnect", title: "CPU µs/reconnect" },
    { value: "refusals", title: "told to come back" },
    { value: "failedSyncs", title: "syncs asked again" },
    { value: "ackP99Ms", title: "ack p99 ms of who stayed", digits: 1 },
  ],
  run(bench) {
    const { reconnections, rates, bodyBytes } = bench.options;
    const perSecond = rates[0] as number;
    return inRounds(bench, ["confab"], async (system, round) => {
      bench.say(`· ${system.name} ${reconnections} come back, round ${round}`);
      await using generator = new Generator();
      const survivorOf = (index: number) => index % SURVIVORS;
      const groups = Array.from({ length: reconnections }, (_, index) => [
        survivorOf(index),
        SURVIVORS + index,
      ]);
      const people = SURVIVORS + reconnections;
      const world = await populate(system, { people, groups, gatewayOf: (index) => index });
      await generator.call("storm", {
        survivors: world.people.slice(0, SURVIVORS),
        others: world.people.slice(SURVIVORS).map((person, index) => ({
          person,
          conversationId: world.conversations[index]?.id as string,
          survivor: survivorOf(index),
        })),
        perSecond,
        bodyBytes,
        seed: round,
      });
      await generator.call("stormConnect");
      const closeWindow = openWindow(system, [generator.pid]);
      await generator.call("stormBreak");
      const used = closeWindow();
      const report = await generator.call("stormFinish");
      const { acked, open, heard } = report.testimony;
      // Survivors and those who came back must hold all of it; conversations without a message have nobody to ask.
      const listeners = world.conversations
        .filter(({ id }) => acked.has(id))
        .flatMap(({ id, members }) => members.map((listener) => ({ listener, conversationId: id })));
      const stored = await readStored(system, world);
      return [
        {
          system: system.name,
          variant: `${reconnections} people`,
          round,
          values: {
            backSeconds: report.backMs / 1000,
            ...percentiles("back", merge([report.latency])),
            ...percentiles("ack", merge([report.ackLatency])),
            ...cpuPer("Reconnect", reconnections, used),
            refusals: report.refusals,
            failedSyncs: report.failedSyncs,
            messagesMeanwhile: report.acked,
          },
          faults: [
            ...report.testimony.faults,
            ...violations({ stored, acked, open, heard, listeners, promises: system.promises }),
          ],
          foreignShare: used.foreignShare,
        },
      ];
    });
  },
};
