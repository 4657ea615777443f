import type { UserId } from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";
import { readForEach } from "./read-for-each.ts";

export interface Unpushed {
  id: bigint;
  user_id: string;
  conversation_id: bigint;
  from_seq: number | bigint;
  to_seq: number | bigint;
}

/** A job's own deadline is its lock; the rest is pushed by the next job. */
const PUSHES = 100;

/** What a device has received in the meantime is no longer pushed; somebody who is not to be disturbed is not now. */
export async function readUnpushed(
  sql: Queries,
  { userIds, now, maxAgeMs }: { userIds: readonly UserId[]; now: number; maxAgeMs: number },
): Promise<Map<UserId, Unpushed[]>> {
  return readForEach(
    userIds,
    PUSHES,
    (asked, limit) => sql.$queryRaw<Unpushed[]>`
      SELECT n.id, n.user_id, n.conversation_id, n.from_seq, n.to_seq
      FROM notifications AS n
      JOIN conversation_members AS m ON m.conversation_id = n.conversation_id AND m.user_id = n.user_id
      JOIN users AS u ON u.id = n.user_id
      WHERE n.user_id IN (${Prisma.join([...asked])}) AND n.pushed_at IS NULL
        AND n.created_at > ${new Date(now - maxAgeMs)}
        AND m.delivered_seq < n.to_seq AND m.left_at IS NULL
        AND (u.dnd_until IS NULL OR u.dnd_until <= ${new Date(now)})
      ORDER BY n.user_id, n.id
      LIMIT ${limit}`,
  );
}

export async function notePushed(sql: Queries, ids: readonly bigint[], now: Date): Promise<void> {
  await sql.$executeRaw`
    UPDATE notifications SET pushed_at = ${now} WHERE id IN (${Prisma.join([...ids])}) AND pushed_at IS NULL`;
}
