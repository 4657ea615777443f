import { ChatError, type ThreadItem, type ThreadPage, type ThreadQuery, type UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { notHidden } from "../messages/list.ts";
import { MESSAGE_COLUMNS, type MessageRecord, type StoredMessage, toStoredMessage } from "../messages/row.ts";
import { viewMessages } from "../messages/view.ts";
import { requireRoot, type ThreadActor } from "./read.ts";
import { loadThreadStates } from "./state.ts";

/** A page of replies in seq order, oldest first; without a position the newest. Throws as `requireRoot` does. */
export async function listThread(ctx: MessageContext, input: ThreadActor & ThreadQuery): Promise<ThreadPage> {
  const root = await requireRoot(ctx, input);
  const { userId, before, after, limit } = input;
  const found = await readReplies(ctx, root, input);
  const isCut = found.length > limit;
  const page = found.slice(0, limit);
  if (after === undefined) page.reverse();
  const [rootView, ...items] = await viewMessages(ctx.sql, [root, ...page], userId);
  const [state] = await loadThreadStates(ctx.sql, userId, [root]);
  return {
    root: rootView as ThreadPage["root"],
    state: state as ThreadPage["state"],
    items,
    hasOlder: after === undefined ? isCut : after > root.seq,
    hasNewer:
      after === undefined ? before !== undefined && before <= (root.thread?.lastReplySeq ?? 0) : isCut,
  };
}

/** One more than the limit, nearest to the position first. */
async function readReplies(
  ctx: MessageContext,
  root: StoredMessage,
  { userId, before, after, limit }: ThreadActor & ThreadQuery,
): Promise<StoredMessage[]> {
  const range =
    after !== undefined
      ? Prisma.sql`AND r.seq > ${after}`
      : before !== undefined
        ? Prisma.sql`AND r.seq < ${before}`
        : Prisma.empty;
  const order = after === undefined ? Prisma.sql`DESC` : Prisma.sql`ASC`;
  const records = await ctx.sql.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS} FROM thread_replies r
    JOIN messages m ON m.conversation_id = ${BigInt(root.conversationId)} AND m.seq = r.seq
    WHERE r.root_id = ${BigInt(root.id)} ${range} ${notHidden({ userId })}
    ORDER BY r.seq ${order} LIMIT ${limit + 1}`;
  return records.map(toStoredMessage);
}

export interface ThreadListRequest {
  userId: UserId;
  cursor?: string | undefined;
  limit: number;
}

/** Threads that somebody follows, latest reply first, by keyset; those that nobody answered yet are not among them. */
export async function listThreads(
  ctx: MessageContext,
  { userId, cursor, limit }: ThreadListRequest,
): Promise<{ items: ThreadItem[]; nextCursor: string | null }> {
  const records = await ctx.sql.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS} FROM thread_members t JOIN messages m ON m.id = t.root_id
    WHERE t.user_id = ${userId} AND t.following AND m.last_reply_at IS NOT NULL
      ${notHidden({ userId })} ${cursor === undefined ? Prisma.empty : keyset(cursor)}
    ORDER BY m.last_reply_at DESC, m.id DESC LIMIT ${limit + 1}`;
  const roots = records.slice(0, limit).map(toStoredMessage);
  const views = await viewMessages(ctx.sql, roots, userId);
  const states = await loadThreadStates(ctx.sql, userId, roots);
  const last = roots.at(-1);
  return {
    items: states.map((state, index) => ({ ...state, root: views[index] as ThreadItem["root"] })),
    nextCursor:
      records.length > limit && last?.thread ? `${last.thread.lastReplyAt.getTime()}-${last.id}` : null,
  };
}

function keyset(cursor: string): Prisma.Sql {
  const [, ms, id] = /^(\d{1,15})-([1-9]\d{0,15})$/.exec(cursor) ?? [];
  if (!ms || !id) throw new ChatError("invalid", { reason: "invalid:cursor" });
  const at = new Date(Number(ms));
  return Prisma.sql`AND (m.last_reply_at < ${at} OR (m.last_reply_at = ${at} AND m.id < ${BigInt(id)}))`;
}
