/** P6 for threads: unread is derived, from the thread's own watermark and its replies; never stored. */
import { LIMITS, type MessageId, type UserId } from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";
import { notHidden } from "../messages/list.ts";

export interface ThreadPosition {
  rootId: MessageId;
  conversationId: string;
  readSeq: number;
}

/** Others' replies after the watermark, each counted no further than 100. */
export async function countThreadUnread(
  db: Queries,
  userId: UserId,
  positions: ThreadPosition[],
): Promise<Map<MessageId, number>> {
  if (positions.length === 0) return new Map();
  const branches = positions.map(
    ({ rootId, conversationId, readSeq }) => Prisma.sql`
      SELECT ${BigInt(rootId)} AS root_id, COUNT(*) AS unread FROM (
        SELECT 1 FROM thread_replies r
        JOIN messages m ON m.conversation_id = ${BigInt(conversationId)} AND m.seq = r.seq
        WHERE r.root_id = ${BigInt(rootId)} AND r.seq > ${readSeq}
          AND m.sender_id <> ${userId} AND m.deleted_at IS NULL ${notHidden({ userId })}
        LIMIT ${LIMITS.unreadCap}) counted`,
  );
  const rows = await db.$queryRaw<
    { root_id: bigint; unread: bigint }[]
  >`${Prisma.join(branches, " UNION ALL ")}`;
  return new Map(rows.map((row) => [String(row.root_id), Number(row.unread)]));
}
