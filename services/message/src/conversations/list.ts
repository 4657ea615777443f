import { ChatError, type ConversationId, type ConversationSummary, type UserId } from "@confab/contract";
import { Prisma, type Queries, withSnapshot } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { notHidden } from "../messages/list.ts";
import { MESSAGE_COLUMNS, type MessageRecord, toStoredMessage } from "../messages/row.ts";
import { viewMessages } from "../messages/view.ts";
import { loadPersonal } from "../personal/state.ts";
import { countUnread } from "../receipts/unread.ts";
import { requireMember } from "./access.ts";
import { IS_SHOWN } from "./shown.ts";
import { loadConversations, MEMBERS_SHOWN } from "./view.ts";

/** A list shows faces, not rosters: of a group this many members, and always the viewer. */
const MEMBERS_IN_LIST = 20;

export interface ListRequest {
  userId: UserId;
  cursor?: string | undefined;
  limit: number;
  /** Only what the person archived, or all but that; default: both. */
  archived?: "only" | "without" | undefined;
}

/** Somebody's conversations, pinned ones first, then newest activity first, by keyset. */
export async function listConversations(
  ctx: MessageContext,
  { userId, cursor, limit, archived }: ListRequest,
): Promise<{ items: ConversationSummary[]; nextCursor: string | null }> {
  const after = cursor === undefined ? Prisma.empty : keyset(cursor);
  const wanted = archived === undefined ? Prisma.empty : ARCHIVED[archived];
  const rows = await ctx.sql.$queryRaw<{ id: bigint; active_at: Date; is_pinned: bigint | number }[]>`
    SELECT c.id, COALESCE(c.last_message_at, c.created_at) AS active_at, m.pinned_at IS NOT NULL AS is_pinned
    ${ownedBy(userId)} ${wanted} ${after}
    ORDER BY is_pinned DESC, active_at DESC, c.id DESC LIMIT ${limit + 1}`;
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const ids = page.map((row) => String(row.id));
  return {
    items: await summarise(ctx, userId, ids, MEMBERS_IN_LIST),
    nextCursor: rows.length > limit && last ? cursorOf(last) : null,
  };
}

/** By position, newest activity first, for clients that page so: what comes before a page is read, too. */
export async function listConversationsByOffset(
  ctx: MessageContext,
  { userId, offset, limit }: { userId: UserId; offset: number; limit: number },
): Promise<{ items: ConversationSummary[]; total: number }> {
  const [count] = await ctx.sql.$queryRaw<{ total: bigint }[]>`SELECT COUNT(*) AS total ${ownedBy(userId)}`;
  const rows = await ctx.sql.$queryRaw<{ id: bigint }[]>`
    SELECT c.id ${ownedBy(userId)}
    ORDER BY COALESCE(c.last_message_at, c.created_at) DESC, c.id DESC LIMIT ${limit} OFFSET ${offset}`;
  const ids = rows.map((row) => String(row.id));
  return { items: await summarise(ctx, userId, ids, MEMBERS_IN_LIST), total: Number(count?.total ?? 0) };
}

const ownedBy = (userId: UserId): Prisma.Sql => Prisma.sql`
  FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
  WHERE m.user_id = ${userId} AND m.left_at IS NULL AND ${IS_SHOWN}`;

/** @throws ChatError `not_found` for those who are not in the conversation */
export async function getConversation(
  ctx: MessageContext,
  request: { userId: UserId; conversationId: ConversationId },
): Promise<ConversationSummary> {
  await requireMember(ctx.sql, request);
  const [summary] = await summarise(ctx, request.userId, [request.conversationId], MEMBERS_SHOWN);
  if (!summary) throw new ChatError("not_found", { reason: "conversation" });
  return summary;
}

const ARCHIVED = {
  only: Prisma.sql`AND m.archived_at IS NOT NULL`,
  without: Prisma.sql`AND m.archived_at IS NULL`,
};

const cursorOf = ({
  id,
  active_at,
  is_pinned,
}: {
  id: bigint;
  active_at: Date;
  is_pinned: bigint | number;
}) => `${Number(is_pinned) === 1 ? "p" : ""}${active_at.getTime()}-${id}`;

function keyset(cursor: string): Prisma.Sql {
  const [, pinned, ms, id] = /^(p?)(\d{1,15})-([1-9]\d{0,15})$/.exec(cursor) ?? [];
  if (!ms || !id) throw new ChatError("invalid", { reason: "invalid:cursor" });
  const at = new Date(Number(ms));
  const activeAt = Prisma.sql`COALESCE(c.last_message_at, c.created_at)`;
  const further = Prisma.sql`(${activeAt} < ${at} OR (${activeAt} = ${at} AND c.id < ${BigInt(id)}))`;
  return pinned
    ? Prisma.sql`AND (m.pinned_at IS NULL OR ${further})`
    : Prisma.sql`AND m.pinned_at IS NULL AND ${further}`;
}

/** INVARIANT: all parts are of one moment. A client counts on from here, so nothing may be counted twice or never. */
async function summarise(
  ctx: MessageContext,
  viewerId: UserId,
  ids: ConversationId[],
  members: number,
): Promise<ConversationSummary[]> {
  if (ids.length === 0) return [];
  const { conversations, personal, lastMessages, unread } = await withSnapshot(ctx.sql, async (tx) => ({
    conversations: await loadConversations(tx, ids, { members, viewerId }),
    personal: await loadPersonal(tx, viewerId, ids),
    lastMessages: await loadLastMessages(tx, viewerId, ids),
    unread: await countUnread(tx, viewerId, ids),
  }));
  return ids.flatMap((id) => {
    const conversation = conversations.get(id);
    const own = personal.get(id);
    if (!conversation || !own) return [];
    const { unreadCount = 0, mentionCount = 0 } = unread.get(id) ?? {};
    return [
      {
        ...conversation,
        personal: own,
        lastMessage: lastMessages.get(id) ?? null,
        unreadCount,
        mentionCount,
      },
    ];
  });
}

/** The newest message of each, if the viewer may see it and did not delete it for themself. */
async function loadLastMessages(tx: Queries, viewerId: UserId, ids: ConversationId[]) {
  const records = await tx.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS}
    FROM conversations c JOIN messages m ON m.conversation_id = c.id AND m.seq = c.last_seq
    WHERE c.id IN (${Prisma.join(ids.map(BigInt))}) ${notHidden({ userId: viewerId })}`;
  const messages = await viewMessages(tx, records.map(toStoredMessage), viewerId);
  return new Map(messages.map((message) => [message.conversationId, message]));
}
