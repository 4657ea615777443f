import type { ConversationId, HistoryPage, HistoryQuery, UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { type Access, accessToFind, toAccess } from "../conversations/access.ts";
import { type MessageRecord, PAGE_COLUMNS, type StoredMessage, toStoredMessage } from "./row.ts";
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
  const { access, messages } = await readPage(ctx, input);
  const { conversation, member } = access;
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

/** Which index a walk goes along. */
const BY_SEQ = Prisma.sql`PRIMARY`;
export const BY_REVISION = Prisma.sql`ix_messages_revision`;

interface Page {
  access: Access;
  messages: StoredMessage[];
}

async function readPage(ctx: MessageContext, input: HistoryInput): Promise<Page> {
  const { before, after, around, limit } = input;
  if (after !== undefined) return readWithAccess(ctx, input, newer(input, after, limit));
  if (around === undefined) {
    const { access, messages } = await readWithAccess(ctx, input, older(input, before, limit));
    return { access, messages: messages.reverse() };
  }
  const above = newer(input, around, Math.floor(limit / 2));
  const { access, messages } = await readWithAccess(ctx, input, above);
  // Near the head the older side takes what the newer one cannot fill.
  const below = older(input, around + 1, limit - messages.length);
  const records = await ctx.sql.$queryRaw<MessageRecord[]>(below);
  return { access, messages: [...records.map(toStoredMessage).reverse(), ...messages] };
}

/** In one round trip: to those who are not in the conversation the messages are none, and they are refused. */
async function readWithAccess(ctx: MessageContext, input: HistoryInput, page: Prisma.Sql): Promise<Page> {
  const [members = [], records = []] = await ctx.sql.$together([accessToFind(input), page]);
  return {
    access: toAccess(members, input),
    messages: (records as MessageRecord[]).map(toStoredMessage),
  };
}

/** The `limit` messages next below `before`, newest first. */
function older(input: HistoryInput, before: number | undefined, limit: number): Prisma.Sql {
  const range = before === undefined ? Prisma.empty : Prisma.sql`AND m.seq < ${before}`;
  return Prisma.sql`SELECT ${PAGE_COLUMNS} FROM ${seenBy(input, BY_SEQ)} ${range} ORDER BY m.seq DESC LIMIT ${limit}`;
}

const newer = (input: HistoryInput, after: number, limit: number): Prisma.Sql =>
  Prisma.sql`SELECT ${PAGE_COLUMNS} FROM ${seenBy(input, BY_SEQ)} AND m.seq > ${after} ORDER BY m.seq LIMIT ${limit}`;

/**
 * `messages m` of one conversation, as far as the person sees them: as `notHidden`, but by joins, at half its cost for
 * many rows. The member's row is a constant, so a page is one walk along the index that is named. More conditions may
 * follow, with AND.
 */
export function seenBy(
  { userId, conversationId }: { userId: UserId; conversationId: ConversationId },
  index: Prisma.Sql,
): Prisma.Sql {
  const own = BigInt(conversationId);
  return Prisma.sql`conversation_members v
    STRAIGHT_JOIN messages m FORCE INDEX (${index}) ON m.conversation_id = ${own} AND m.seq > v.visible_after_seq
    LEFT JOIN hidden_messages h FORCE INDEX (PRIMARY)
      ON h.user_id = ${userId} AND h.conversation_id = ${own} AND h.seq = m.seq
    WHERE v.conversation_id = ${own} AND v.user_id = ${userId} AND v.left_at IS NULL AND h.seq IS NULL`;
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
