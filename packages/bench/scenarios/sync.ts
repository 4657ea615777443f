import { merge, percentiles } from "../generator/latency.ts";
import type { Run, Scenario } from "../lib/bench.ts";
import { fillConversation } from "../lib/fill.ts";
import { Generator } from "../lib/generators.ts";
import { inRounds } from "../lib/rounds.ts";
import { cpuPer, openWindow } from "../lib/window.ts";
import { populate } from "../lib/world.ts";

/** What came in each conversation while the device was away. */
const MISSED = [0, 1, 20];
const MESSAGES = 50;
const ROUNDS = 50;

export const sync: Scenario = {
  name: "sync",
  about: "a device comes back to many direct conversations and asks for all that it missed",
  columns: [
    { value: "syncP50Ms", title: "p50 ms", digits: 1 },
    { value: "syncP99Ms", title: "p99 ms", digits: 1 },
    { value: "questionsPerSync", title: "questions", digits: 0 },
    { value: "kibPerSync", title: "KiB" },
    { value: "cpuUsPerSync", title: "CPU µs" },
  ],
  run(bench) {
    const { conversations } = bench.options;
    return inRounds(bench, ["confab"], async (system, round) => {
      const groups = Array.from({ length: conversations }, (_, index) => [0, index + 1]);
      const world = await populate(system, {
        people: conversations + 1,
        groups,
        gatewayOf: (index) => index,
      });
      for (const { id, members } of world.conversations) {
        const senderId = world.people[members[1] as number]?.userId as string;
        await fillConversation(system, { id, senderId, count: MESSAGES });
      }
      const runs: Run[] = [];
      for (const missed of MISSED) {
        const variant = `${conversations} conversations, ${missed} messages in each`;
        bench.say(`· sync of ${variant}, round ${round}`);
        await using generator = new Generator();
        const closeWindow = openWindow(system, [generator.pid]);
        const report = await generator.call("sync", {
          person: world.people[0] as (typeof world.people)[0],
          cursors: Object.fromEntries(world.conversations.map(({ id }) => [id, MESSAGES - missed])),
          expected: conversations * missed,
          rounds: ROUNDS,
        });
        const used = closeWindow();
        runs.push({
          system: system.name,
          variant,
          round,
          values: {
            ...percentiles("sync", merge([report.latency])),
            questionsPerSync: report.questions / ROUNDS,
            kibPerSync: report.bytes / 1024 / ROUNDS,
            ...cpuPer("Sync", ROUNDS, used),
          },
          faults: report.faults,
          foreignShare: used.foreignShare,
        });
      }
      return runs;
    });
  },
};
