import { merge, percentiles } from "../generator/latency.ts";
import type { Scenario } from "../lib/bench.ts";
import { Generator } from "../lib/generators.ts";
import { inRounds } from "../lib/rounds.ts";
import { cpuPer, openWindow } from "../lib/window.ts";
import { createWorld } from "../lib/world.ts";

/** Half of each group stays and watches the other half. */
const GROUP = 20;
/** Comings and goings a second, for each hundred people. */
const PER_SECOND_PER_HUNDRED = 5;

export const presence: Scenario = {
  name: "presence",
  about: "people come and go before the eyes of ten others each",
  columns: [
    { value: "transitionsPerSecond", title: "changes/s", digits: 1 },
    { value: "heardPerSecond", title: "told/s", digits: 1 },
    { value: "presenceP50Ms", title: "told after p50 ms" },
    { value: "presenceP99Ms", title: "p99 ms" },
    { value: "cpuUsPerTransition", title: "CPU µs/change" },
  ],
  run(bench) {
    const { presencePeople, seconds } = bench.options;
    return inRounds(bench, ["confab"], async (system, round) => {
      bench.say(`· presence of ${presencePeople}, round ${round}`);
      await using generator = new Generator();
      const world = await createWorld(system, Array<number>(Math.ceil(presencePeople / GROUP)).fill(GROUP));
      await generator.call("churn", {
        people: world.people,
        groups: world.conversations.map(({ members }) => ({
          watchers: members.slice(0, GROUP / 2),
          comers: members.slice(GROUP / 2),
        })),
        perSecond: (presencePeople * PER_SECOND_PER_HUNDRED) / 100,
        seed: round,
      });
      await generator.call("churnConnect");
      const closeWindow = openWindow(system, [generator.pid]);
      await generator.call("churnRun", { ms: seconds * 1000 });
      const used = closeWindow();
      const report = await generator.call("churnFinish");
      return [
        {
          system: system.name,
          variant: `${presencePeople} people`,
          round,
          values: {
            transitionsPerSecond: report.transitions / used.seconds,
            heardPerSecond: report.heard / used.seconds,
            ...percentiles("presence", merge([report.latency])),
            ...cpuPer("Transition", report.transitions, used),
          },
          faults: report.faults,
          foreignShare: used.foreignShare,
        },
      ];
    });
  },
};
