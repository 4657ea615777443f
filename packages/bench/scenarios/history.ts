import { merge, percentiles } from "../generator/latency.ts";
import type { Run, Scenario } from "../lib/bench.ts";
import { fillConversation } from "../lib/fill.ts";
import { Generator } from "../lib/generators.ts";
import { startSystem } from "../lib/rounds.ts";
import { cpuPer, openWindow } from "../lib/window.ts";
import { createWorld } from "../lib/world.ts";

const PAGE = 50;
const PER_SECOND = 100;

export const history: Scenario = {
  name: "history",
  about: "pages of 50 anywhere in one long conversation, 100 a second",
  columns: [
    { value: "pageP50Ms", title: "p50 ms", digits: 2 },
    { value: "pageP99Ms", title: "p99 ms", digits: 2 },
    { value: "pageMaxMs", title: "max ms", digits: 2 },
    { value: "cpuUsPerPage", title: "CPU µs/page" },
  ],
  async run(bench) {
    const { historyMessages, historyPages, runs: rounds } = bench.options;
    const runs: Run[] = [];
    await using system = await startSystem(bench, "confab");
    const world = await createWorld(system, [2]);
    const [conversation] = world.conversations;
    const [person] = world.people;
    if (!conversation || !person) throw new Error("an empty world");
    bench.say(`· filling a conversation with ${historyMessages} messages`);
    await fillConversation(system, { id: conversation.id, senderId: person.userId, count: historyMessages });
    const end = historyMessages + 1;
    const places = {
      newest: { from: end, to: end },
      oldest: { from: 2, to: Math.min(end, 1000) },
      anywhere: { from: 2, to: end },
    };
    for (let round = 0; round <= rounds; round++) {
      for (const [variant, before] of Object.entries(places)) {
        bench.say(`· history ${variant}, round ${round}${round === 0 ? " (to warm up)" : ""}`);
        await using generator = new Generator();
        const closeWindow = openWindow(system, [generator.pid]);
        const report = await generator.call("history", {
          baseUrl: system.restUrl as string,
          token: person.token,
          conversationId: conversation.id,
          before,
          pageSize: PAGE,
          perSecond: PER_SECOND,
          pages: historyPages,
          seed: round + 1,
        });
        const used = closeWindow();
        if (round === 0 && report.faults.length === 0) continue;
        runs.push({
          system: system.name,
          variant,
          round,
          values: {
            ...percentiles("page", merge([report.latency])),
            ...cpuPer("Page", report.pages, used),
            bytesPerPage: report.bytes / report.pages,
          },
          faults: report.faults,
          foreignShare: used.foreignShare,
        });
      }
    }
    return runs;
  },
};
