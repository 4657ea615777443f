import { type ConversationId, LIMITS, type UserId } from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";
import { notHidden } from "../messages/list.ts";

export interface Unread {
  /** Both stop at 100, which clients show as "99+". */
  unreadCount: number;
  mentionCount: number;
}

/** Of a long absence only this many of the latest messages are looked at, whoever wrote them. */
const MESSAGES_LOOKED_AT = 1000;

interface Range {
  conversation_id: bigint;
  from_seq: bigint;
}
interface Count {
  conversation_id: bigint;
  unread: bigint;
  mentions: bigint;
}

/**
 * P6: unread is derived, from the read watermark (or where the person marked it unread) and the log. Own messages,
 * system messages, deleted and hidden ones never count, nor does what came before the person joined. Replies in threads
 * are counted there (threads/unread.ts). Those who are not members are absent from the answer.
 */
export async function countUnread(
  db: Queries,
  userId: UserId,
  conversationIds: ConversationId[],
): Promise<Map<ConversationId, Unread>> {
  const counts = new Map<ConversationId, Unread>();
  if (conversationIds.length === 0) return counts;
  const ranges = await db.$queryRaw<(Range & { last_seq: bigint })[]>`
    SELECT m.conversation_id, c.last_seq,
      GREATEST(LEAST(m.read_seq, COALESCE(CAST(m.unread_seq AS SIGNED) - 1, m.read_seq)), m.joined_seq, CAST(c.last_seq AS SIGNED) - ${MESSAGES_LOOKED_AT}) AS from_seq
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = ${userId} AND m.left_at IS NULL
      AND m.conversation_id IN (${Prisma.join(conversationIds.map(BigInt))})`;
  for (const range of ranges) {
    counts.set(String(range.conversation_id), { unreadCount: 0, mentionCount: 0 });
  }
  const behind = ranges.filter((range) => range.from_seq < range.last_seq);
  if (behind.length === 0) return counts;
  for (const row of await countEach(db, behind, (range) => unreadOf(userId, range, Prisma.empty))) {
    counts.set(String(row.conversation_id), {
      unreadCount: Number(row.unread),
      mentionCount: Number(row.mentions),
    });
  }
  // Where counting stopped, somebody may be named further on: that is not to be missed.
  const capped = behind.filter(
    (range) => counts.get(String(range.conversation_id))?.unreadCount === LIMITS.unreadCap,
  );
  const named = Prisma.sql`AND JSON_CONTAINS(m.mentions, JSON_QUOTE(${userId}))`;
  for (const row of await countEach(db, capped, (range) => unreadOf(userId, range, named))) {
    const mentionCount = Number(row.mentions);
    counts.set(String(row.conversation_id), { unreadCount: LIMITS.unreadCap, mentionCount });
  }
  return counts;
}

function countEach(db: Queries, ranges: Range[], countOne: (range: Range) => Prisma.Sql): Promise<Count[]> {
  if (ranges.length === 0) return Promise.resolve([]);
  return db.$queryRaw<Count[]>`${Prisma.join(ranges.map(countOne), " UNION ALL ")}`;
}

const unreadOf = (userId: UserId, { conversation_id, from_seq }: Range, only: Prisma.Sql) => Prisma.sql`
  SELECT ${conversation_id} AS conversation_id, COUNT(*) AS unread, COUNT(mentioned) AS mentions FROM (
    SELECT CASE WHEN JSON_CONTAINS(m.mentions, JSON_QUOTE(${userId})) THEN 1 END AS mentioned
    FROM messages m
    WHERE m.conversation_id = ${conversation_id} AND m.seq > ${from_seq}
      AND m.sender_id <> ${userId} AND m.kind <> 'system' AND m.thread_root_id IS NULL AND m.deleted_at IS NULL ${notHidden({ userId })} ${only}
    LIMIT ${LIMITS.unreadCap}
  ) counted`;
