import type { ConversationId, UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";

/** So many conversations are looked through for people; a gateway follows no more of them anyway. */
const CONVERSATIONS = 200;

/** With whom somebody shares a conversation: of the most recently active ones. */
export async function listPeople(
  ctx: MessageContext,
  { userId, limit }: { userId: UserId; limit: number },
): Promise<UserId[]> {
  const rows = await ctx.sql.$queryRaw<{ user_id: string }[]>`
    SELECT DISTINCT others.user_id
    FROM (
      SELECT m.conversation_id
      FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
      WHERE m.user_id = ${userId} AND m.left_at IS NULL
      ORDER BY COALESCE(c.last_message_at, c.created_at) DESC LIMIT ${CONVERSATIONS}
    ) mine JOIN conversation_members others ON others.conversation_id = mine.conversation_id
    WHERE others.left_at IS NULL AND others.user_id <> ${userId} LIMIT ${limit}`;
  return rows.map((row) => row.user_id);
}

export async function getNames(ctx: MessageContext, userIds: UserId[]): Promise<Record<UserId, string>> {
  if (userIds.length === 0) return {};
  const rows = await ctx.sql.$queryRaw<{ id: string; display_name: string }[]>`
    SELECT id, display_name FROM users WHERE id IN (${Prisma.join(userIds)})`;
  return Object.fromEntries(rows.map((row) => [row.id, row.display_name]));
}

/** Direct conversations in which something was delivered to the person that they have not read. */
export async function listUnreadDirects(
  ctx: MessageContext,
  userId: UserId,
): Promise<{ conversationId: ConversationId; deliveredSeq: number }[]> {
  const rows = await ctx.sql.$queryRaw<{ conversation_id: bigint; delivered_seq: bigint }[]>`
    SELECT m.conversation_id, m.delivered_seq
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = ${userId} AND m.left_at IS NULL AND c.kind = 'direct' AND m.read_seq < m.delivered_seq
    LIMIT ${CONVERSATIONS}`;
  return rows.map((row) => ({
    conversationId: String(row.conversation_id),
    deliveredSeq: Number(row.delivered_seq),
  }));
}
