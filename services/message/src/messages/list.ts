import type { ConversationId, HistoryPage, HistoryQuery, UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { MESSAGE_COLUMNS, type MessageRecord, type StoredMessage, toStoredMessage } from "./row.ts";
import { viewMessages } from "./view.ts";

interface HistoryInput extends HistoryQuery {
  userId: UserId;
  conversationId: ConversationId;
}

/**
 * One page of history, oldest first; without a position the newest. Reads at most `limit` messages at any depth:
 * since seq is dense (P3), a page shows by itself whether there is more on either side. Members see the whole
 * history, or what was said since they joined, except for what they deleted for themselves.
 * @throws ChatError `not_found` for those who are not in the conversation
 */
export async function listMessages(ctx: MessageContext, input: HistoryInput): Promise<HistoryPage> {
  // At once: to those who are not in the conversation the page is empty, and they are refused.
  const [{ conversation, member }, messages] = await Promise.all([
    requireMember(ctx.sql, input),
    readPage(ctx, input),
  ]);
  const beginning = member.visibleAfterSeq;
  const [first, last] = [messages[0]?.seq, messages.at(-1)?.seq];
  return {
    items: await viewMessages(ctx.sql, messages, input.userId),
    hasOlder: (first ?? (input.after ?? 0) + 1) > beginning + 1,
    hasNewer:
      last === undefined
        ? input.before !== undefined && input.before <= conversation.lastSeq
        : last < conversation.lastSeq,
  };
}

async function readPage(ctx: MessageContext, input: HistoryInput): Promise<StoredMessage[]> {
  const { before, after, around, limit } = input;
  if (after !== undefined) return readNewer(ctx, input, after, limit);
  if (around === undefined) return readOlder(ctx, input, before, limit);
  const newer = await readNewer(ctx, input, around, Math.floor(limit / 2));
  // Near the head the older side takes what the newer one cannot fill.
  const older = await readOlder(ctx, input, around + 1, limit - newer.length);
  return [...older, ...newer];
}

/** The `limit` messages next below `before`, oldest first. */
async function readOlder(
  ctx: MessageContext,
  input: HistoryInput,
  before: number | undefined,
  limit: number,
) {
  const range = before === undefined ? Prisma.empty : Prisma.sql`AND m.seq < ${before}`;
  return (
    await readRange(ctx, input, Prisma.sql`${range} ${notHidden(input)} ORDER BY m.seq DESC`, limit)
  ).reverse();
}

function readNewer(ctx: MessageContext, input: HistoryInput, after: number, limit: number) {
  return readRange(ctx, input, Prisma.sql`AND m.seq > ${after} ${notHidden(input)} ORDER BY m.seq`, limit);
}

async function readRange(
  ctx: MessageContext,
  { conversationId }: HistoryInput,
  range: Prisma.Sql,
  limit: number,
): Promise<StoredMessage[]> {
  if (limit === 0) return [];
  const records = await ctx.sql.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS} FROM messages m
    WHERE m.conversation_id = ${BigInt(conversationId)} ${range} LIMIT ${limit}`;
  return records.map(toStoredMessage);
}

/**
 * Leaves out, of `messages m`, what the person deleted for themselves or is not to hear, and what was said before they
 * joined where joiners do not see that. Of a conversation that is not theirs nothing is left. `conversationId`, where all
 * of `m` are of one: then where the person's history begins is asked once, and bounds the search.
 */
export function notHidden(of: { userId: UserId; conversationId?: ConversationId | undefined }): Prisma.Sql {
  const own = of.conversationId === undefined ? Prisma.sql`m.conversation_id` : BigInt(of.conversationId);
  return Prisma.sql`
  AND NOT EXISTS (SELECT 1 FROM hidden_messages h
    WHERE h.user_id = ${of.userId} AND h.conversation_id = ${own} AND h.seq = m.seq)
  AND m.seq > (SELECT v.visible_after_seq FROM conversation_members v
    WHERE v.conversation_id = ${own} AND v.user_id = ${of.userId} AND v.left_at IS NULL)`;
}
