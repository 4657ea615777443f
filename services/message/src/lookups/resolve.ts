/** P9: what a client names is looked up as its person may see it; what is not theirs is not there. */
import { ChatError, type ConversationId, type MessageId, type UserId } from "@confab/contract";
import type { LOOKUP_RPC, MessageFact, Place, WantedPlace } from "@confab/contract/internal";
import { Prisma } from "@confab/db";
import type { z } from "zod";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { ensureDirect, findDirect } from "../conversations/create.ts";

type Resolve = z.output<typeof LOOKUP_RPC.resolve.body>;

/** @throws ChatError `not_found`, reason `conversation`, `message` or `user` */
export async function resolve(
  ctx: MessageContext,
  { userId, place, messageIds }: Resolve,
): Promise<{ place: Place | undefined; messages: MessageFact[] }> {
  return {
    place: place && (await resolvePlace(ctx, userId, place)),
    messages: await resolveMessages(ctx, userId, messageIds ?? []),
  };
}

async function resolvePlace(ctx: MessageContext, userId: UserId, wanted: WantedPlace): Promise<Place> {
  const { conversationId, directWith, open } = wanted;
  if (conversationId !== undefined) {
    const found = await readPlace(ctx, userId, conversationId).catch((error: unknown) => {
      const isElsewhere =
        error instanceof ChatError && error.code === "not_found" && directWith !== undefined;
      if (!isElsewhere) throw error;
      return undefined;
    });
    if (found) return found;
  }
  const direct =
    directWith === undefined
      ? undefined
      : open
        ? await ensureDirect(ctx, userId, directWith)
        : await findDirect(ctx, [userId, directWith].sort().join(" "));
  if (direct === undefined) throw new ChatError("not_found", { reason: "conversation" });
  return readPlace(ctx, userId, direct);
}

async function readPlace(
  ctx: MessageContext,
  userId: UserId,
  conversationId: ConversationId,
): Promise<Place> {
  const { conversation, member } = await requireMember(ctx.sql, { userId, conversationId });
  return {
    conversationId,
    kind: conversation.kind,
    lastSeq: conversation.lastSeq,
    deliveredSeq: member.deliveredSeq,
    readSeq: member.readSeq,
  };
}

interface RefRecord {
  id: bigint;
  conversation_id: bigint;
  seq: bigint;
  sender_id: string;
}
const toRef = (record: RefRecord): MessageFact => ({
  id: String(record.id),
  conversationId: String(record.conversation_id),
  seq: Number(record.seq),
  senderId: record.sender_id,
});

async function resolveMessages(
  ctx: MessageContext,
  userId: UserId,
  messageIds: MessageId[],
): Promise<MessageFact[]> {
  if (messageIds.length === 0) return [];
  const records = await ctx.sql.$queryRaw<RefRecord[]>`
    SELECT m.id, m.conversation_id, m.seq, m.sender_id
    FROM messages m JOIN conversation_members mine
      ON mine.conversation_id = m.conversation_id AND mine.user_id = ${userId} AND mine.left_at IS NULL
    WHERE m.id IN (${Prisma.join(messageIds.map(BigInt))})`;
  const found = new Map(records.map(toRef).map((ref) => [ref.id, ref]));
  return messageIds.map((id) => {
    const ref = found.get(id);
    if (!ref) throw new ChatError("not_found", { reason: "message" });
    return ref;
  });
}

/** The latest of a range of positions, oldest first. Who may know of them is the caller's to know. */
export async function listRefs(
  ctx: MessageContext,
  { conversationId, afterSeq, toSeq, limit }: z.output<typeof LOOKUP_RPC.listRefs.body>,
): Promise<MessageFact[]> {
  const records = await ctx.sql.$queryRaw<RefRecord[]>`
    SELECT id, conversation_id, seq, sender_id FROM messages
    WHERE conversation_id = ${BigInt(conversationId)} AND seq > ${afterSeq} AND seq <= ${toSeq}
    ORDER BY seq DESC LIMIT ${limit}`;
  return records.map(toRef).reverse();
}
