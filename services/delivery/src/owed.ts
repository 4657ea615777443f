import type { UserId } from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";
import type { Owed } from "./plan.ts";
import { readForEach } from "./read-for-each.ts";

interface Row {
  user_id: string;
  conversation_id: bigint;
  last_seq: number | bigint;
  delivered_seq: number | bigint;
  notified_seq: number | bigint;
  joined_seq: number | bigint;
  muted_until: Date | null;
  dnd_until: Date | null;
  has_news: number | bigint;
}

/**
 * The same question as the message service's reconciler asks, for these people; ids and watermarks, never a body. What is
 * said in a thread is news to those who follow it; what the person deleted for themselves, and what somebody said whom
 * they block, is none.
 */
export async function readOwed(
  sql: Queries,
  { userIds, limit }: { userIds: readonly UserId[]; limit: number },
): Promise<Map<UserId, Owed[]>> {
  const rows = await readForEach(userIds, limit, (asked, most) => query(sql, asked, most));
  return new Map([...rows].map(([userId, own]) => [userId, own.map(toOwed)]));
}

const query = (sql: Queries, userIds: readonly UserId[], limit: number): Promise<Row[]> =>
  sql.$queryRaw<Row[]>`
    SELECT m.user_id, m.conversation_id, c.last_seq, m.delivered_seq, m.notified_seq, m.joined_seq, m.muted_until, u.dnd_until,
      EXISTS (
        SELECT 1 FROM messages AS news
        WHERE news.conversation_id = m.conversation_id
          AND news.seq > GREATEST(m.delivered_seq, m.notified_seq, m.joined_seq) AND news.seq <= c.last_seq
          AND news.sender_id <> m.user_id AND news.kind <> 'system' AND news.deleted_at IS NULL
          AND (news.thread_root_id IS NULL OR EXISTS (
            SELECT 1 FROM thread_members AS t
            WHERE t.user_id = m.user_id AND t.root_id = news.thread_root_id AND t.following))
          AND NOT EXISTS (SELECT 1 FROM hidden_messages AS h WHERE h.user_id = m.user_id
            AND h.conversation_id = news.conversation_id AND h.seq = news.seq)
          AND NOT EXISTS (SELECT 1 FROM blocks AS b WHERE b.blocker_id = m.user_id AND b.blocked_id = news.sender_id)
      ) AS has_news
    FROM conversation_members AS m
    JOIN conversations AS c ON c.id = m.conversation_id
    JOIN users AS u ON u.id = m.user_id
    WHERE m.user_id IN (${Prisma.join([...userIds])}) AND m.left_at IS NULL
      AND m.delivered_seq < c.last_seq AND m.notified_seq < c.last_seq
    ORDER BY m.user_id, m.conversation_id
    LIMIT ${limit}`;

const toOwed = (row: Row): Owed => ({
  conversationId: String(row.conversation_id),
  lastSeq: Number(row.last_seq),
  deliveredSeq: Number(row.delivered_seq),
  notifiedSeq: Number(row.notified_seq),
  joinedSeq: Number(row.joined_seq),
  mutedUntil: row.muted_until,
  dndUntil: row.dnd_until,
  hasNews: Number(row.has_news) === 1,
});
