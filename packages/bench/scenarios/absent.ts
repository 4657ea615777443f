import { setTimeout as sleep } from "node:timers/promises";
import type { Run, Scenario } from "../lib/bench.ts";
import { openDatabase } from "../lib/database.ts";
import { inRounds } from "../lib/rounds.ts";
import { measureSending } from "../lib/sending.ts";
import type { System } from "../lib/system.ts";
import { createWorld, type World } from "../lib/world.ts";
import { SEND_COLUMNS } from "./send.ts";

const NOTIFIED_WITHIN_MS = 60_000;

/** Messages to people who are not there: stored, and each of them is notified of all of it, once. */
export const absent: Scenario = {
  name: "absent",
  about: "people write to others who are away, at W=8",
  columns: [
    ...SEND_COLUMNS.slice(0, 4),
    { value: "mysqlRowsInsertedPerMessage", title: "rows/message", digits: 2 },
    { value: "notificationsPerMessage", title: "notifications/message", digits: 3 },
  ],
  run(bench) {
    const { pairs } = bench.options;
    return inRounds(bench, ["confab"], async (system, round) => {
      const world = await createWorld(system, Array<number>(pairs).fill(2));
      const run = await measureSending(bench, system, {
        variant: "all away",
        round,
        world,
        pace: { kind: "closed", window: 8 },
        present: ({ members }) => members.slice(0, 1),
      });
      return [await withNotifications(run, system, world)];
    });
  },
};

interface Told {
  id: string;
  lastSeq: number;
  toldSeq: number;
  told: number;
  overlaps: number;
}

async function withNotifications(run: Run, system: System, world: World): Promise<Run> {
  await using database = await openDatabase(system.databaseUrl);
  const read = () =>
    database.query<Told>(
      `SELECT CAST(c.id AS CHAR) AS id, c.last_seq AS lastSeq, COALESCE(MAX(n.to_seq), 0) AS toldSeq,
         COUNT(n.id) AS told, COALESCE(SUM(n.to_seq - n.from_seq + 1), 0) - COALESCE(MAX(n.to_seq), 0) AS overlaps
       FROM conversations c
       JOIN conversation_members m ON m.conversation_id = c.id AND m.user_id <> c.created_by
       LEFT JOIN notifications n ON n.conversation_id = c.id AND n.user_id = m.user_id
       WHERE c.id IN (?) GROUP BY c.id, c.last_seq`,
      [world.conversations.map(({ id }) => id)],
    );
  const untilMs = performance.now() + NOTIFIED_WITHIN_MS;
  let rows = await read();
  const isBehind = (row: Told) => row.toldSeq < row.lastSeq;
  while (rows.some(isBehind) && performance.now() < untilMs) {
    await sleep(250);
    rows = await read();
  }
  const total = (value: (row: Told) => number) => rows.reduce((sum, row) => sum + Number(value(row)), 0);
  const faults = rows
    .filter((row) => isBehind(row) || Number(row.overlaps) !== 0)
    .map(
      (row) => `${row.id} has ${row.lastSeq} messages, told ${row.toldSeq}, ${row.overlaps} of them twice`,
    );
  return {
    ...run,
    values: {
      ...run.values,
      notificationsPerMessage: total((row) => row.told) / total((row) => row.lastSeq),
    },
    faults: [...run.faults, ...faults],
  };
}
