import { readKeyBytes } from "../generator/message-key.ts";
import type { Stored } from "./checker.ts";
import { openDatabase } from "./database.ts";
import type { System } from "./system.ts";
import type { World } from "./world.ts";

const CONVERSATIONS_PER_QUERY = 200;

/** What the database holds of a world's conversations, in order of seq; read with SQL of our own. */
export async function readStored(system: System, { conversations }: World): Promise<Map<string, Stored[]>> {
  await using database = await openDatabase(system.databaseUrl);
  const stored = new Map<string, Stored[]>(conversations.map(({ id }) => [id, []]));
  const ids = conversations.map(({ id }) => id);
  for (let at = 0; at < ids.length; at += CONVERSATIONS_PER_QUERY) {
    const rows = await database.query<{ id: string; seq: number; dedupe: Buffer }>(
      `SELECT CAST(conversation_id AS CHAR) AS id, seq, dedupe FROM messages
       WHERE conversation_id IN (?) ORDER BY conversation_id, seq`,
      [ids.slice(at, at + CONVERSATIONS_PER_QUERY)],
    );
    for (const { id, seq, dedupe } of rows) stored.get(id)?.push({ seq, ...readKeyBytes(dedupe) });
  }
  return stored;
}

/** Everybody's watermarks in a world's conversations that are not where they should be, in words. */
export async function wrongWatermarks(
  system: System,
  expected: { userId: string; conversationId: string; readSeq: number }[],
): Promise<string[]> {
  await using database = await openDatabase(system.databaseUrl);
  const rows = await database.query<{ id: string; userId: string; readSeq: number }>(
    `SELECT CAST(conversation_id AS CHAR) AS id, user_id AS userId, read_seq AS readSeq
     FROM conversation_members WHERE conversation_id IN (?)`,
    [[...new Set(expected.map(({ conversationId }) => conversationId))]],
  );
  const actual = new Map(rows.map(({ id, userId, readSeq }) => [`${id} ${userId}`, readSeq]));
  return expected
    .map((mark) => ({ ...mark, actual: actual.get(`${mark.conversationId} ${mark.userId}`) }))
    .filter((mark) => mark.actual !== mark.readSeq)
    .map((mark) => `${mark.userId} read ${mark.readSeq} of ${mark.conversationId}, stored is ${mark.actual}`);
}
