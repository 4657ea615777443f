import { type ConversationId, LIMITS, type UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";
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
  ctx: MessageContext,
  userId: UserId,
  conversationIds: ConversationId[],
): Promise<Map<ConversationId, Unread>> {
  const counts = new Map<ConversationId, Unread>();
  if (conversationIds.length === 0) return counts;
  const ranges = await ctx.prisma.$queryRaw<(Range & { last_seq: bigint })[]>`
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
  const rows = await ctx.prisma.$queryRaw<Count[]>`${Prisma.join(
    behind.map((range) => countOne(userId, range)),
    " UNION ALL ",
  )}`;
  for (const row of rows) {
    counts.set(String(row.conversation_id), {
      unreadCount: Number(row.unread),
      mentionCount: Number(row.mentions),
    });
  }
  return counts;
}

const countOne = (userId: UserId, { conversation_id, from_seq }: Range): Prisma.Sql => Prisma.sql`
  SELECT ${conversation_id} AS conversation_id, COUNT(*) AS unread, COUNT(mentioned) AS mentions FROM (
    SELECT CASE WHEN JSON_CONTAINS(m.mentions, JSON_QUOTE(${userId})) THEN 1 END AS mentioned
    FROM messages m
    WHERE m.conversation_id = ${conversation_id} AND m.seq > ${from_seq}
      AND m.sender_id <> ${userId} AND m.kind <> 'system' AND m.thread_root_id IS NULL AND m.deleted_at IS NULL ${notHidden({ userId })}
    LIMIT ${LIMITS.unreadCap}
  ) counted`;
