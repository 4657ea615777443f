/** P4 for clients that know no sync: what they have not received, in its present state. */
import type { ConversationId, Message, UserId } from "@confab/contract";
import type { LOOKUP_RPC } from "@confab/contract/internal";
import { Prisma } from "@confab/db";
import type { z } from "zod";
import type { MessageContext } from "../context.ts";
import { notHidden } from "../messages/list.ts";
import { MESSAGE_COLUMNS, type MessageRecord, toStoredMessage } from "../messages/row.ts";
import { viewMessages } from "../messages/view.ts";

/** Of more conversations than this something is left for their history. */
const MAX_CONVERSATIONS = 200;

interface Range {
  conversation_id: bigint;
  after_seq: bigint;
  last_seq: bigint;
}

/**
 * Messages after the delivered watermarks, or after given positions; the latest `limit`, oldest first. What was deleted
 * since is left out, and so is what the person wrote, except after a given position: another device may have.
 */
export async function listMissed(
  ctx: MessageContext,
  { userId, cursors, limit }: z.output<typeof LOOKUP_RPC.listMissed.body>,
): Promise<{ messages: Message[]; cursors: Record<ConversationId, number> }> {
  const ranges = await readRanges(ctx, userId, cursors);
  const behind = ranges.filter((range) => range.after_seq < range.last_seq);
  return {
    messages: behind.length === 0 ? [] : await readMessages(ctx, { userId, ranges: behind, cursors, limit }),
    cursors: Object.fromEntries(
      ranges.map((range) => [String(range.conversation_id), Number(range.last_seq)]),
    ),
  };
}

type Cursors = Record<ConversationId, number | null> | undefined;

async function readRanges(ctx: MessageContext, userId: UserId, cursors: Cursors): Promise<Range[]> {
  const ids = cursors && Object.keys(cursors);
  if (ids?.length === 0) return [];
  const some = ids
    ? Prisma.sql`AND m.conversation_id IN (${Prisma.join(ids.map(BigInt))})`
    : Prisma.sql`AND m.delivered_seq < c.last_seq`;
  const records = await ctx.sql.$queryRaw<Range[]>`
    SELECT m.conversation_id, m.delivered_seq AS after_seq, c.last_seq
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = ${userId} AND m.left_at IS NULL ${some}
    ORDER BY COALESCE(c.last_message_at, c.created_at) DESC LIMIT ${MAX_CONVERSATIONS}`;
  return records.map((record) => {
    const given = cursors?.[String(record.conversation_id)];
    return given == null ? record : { ...record, after_seq: BigInt(given) };
  });
}

async function readMessages(
  ctx: MessageContext,
  { userId, ranges, cursors, limit }: { userId: UserId; ranges: Range[]; cursors: Cursors; limit: number },
): Promise<Message[]> {
  const branches = ranges.map(
    ({ conversation_id: id, after_seq: after }) => Prisma.sql`(
      SELECT ${MESSAGE_COLUMNS} FROM messages m
      WHERE m.conversation_id = ${id} AND m.seq > ${after} AND m.deleted_at IS NULL
        ${cursors?.[String(id)] == null ? Prisma.sql`AND m.sender_id <> ${userId}` : Prisma.empty}
        ${notHidden({ userId })}
      ORDER BY m.seq DESC LIMIT ${limit})`,
  );
  const records = await ctx.sql.$queryRaw<MessageRecord[]>`${Prisma.join(branches, " UNION ALL ")}`;
  const stored = records.map(toStoredMessage);
  // Within a conversation by seq, whatever a clock did; between conversations by time.
  stored.sort((one, other) =>
    one.conversationId === other.conversationId
      ? one.seq - other.seq
      : one.createdAt.getTime() - other.createdAt.getTime() || Number(one.id) - Number(other.id),
  );
  return viewMessages(ctx.sql, stored.slice(-limit), userId);
}
