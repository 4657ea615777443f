import type { ConversationId, Message, UserId } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { listMessages } from "./list.ts";

export interface OffsetRequest {
  userId: UserId;
  conversationId: ConversationId;
  limit: number;
  /** So many of the newest are left out. */
  offset: number;
}

/**
 * History by position, newest first, for clients that page so. What the person may not see or hid is in no position,
 * so pages neither overlap nor leave anything out, and none costs more than another: seq is dense (P3), and the few
 * that are hidden are known. A message that arrives between two pages moves positions, as it does everywhere.
 * @throws ChatError `not_found` for those who are not in the conversation
 */
export async function listMessagesByOffset(
  ctx: MessageContext,
  { offset, limit, ...place }: OffsetRequest,
): Promise<{ messages: Message[]; total: number }> {
  const { conversation } = await requireMember(ctx.sql, place);
  const [first] = (await listMessages(ctx, { ...place, after: 0, limit: 1 })).items;
  if (!first) return { messages: [], total: 0 };
  const hidden = await readHidden(ctx, place, first.seq);
  const total = Math.max(0, conversation.lastSeq - first.seq + 1 - hidden.length);
  if (offset >= total) return { messages: [], total };
  const before = positionToSeq(offset, conversation.lastSeq, hidden) + 1;
  const page = await listMessages(ctx, { ...place, before, limit });
  return { messages: page.items.reverse(), total };
}

/** The seq below which `offset` visible messages are above; `hidden`: what is not visible, highest first. */
export function positionToSeq(offset: number, lastSeq: number, hidden: readonly number[]): number {
  let seq = lastSeq - offset;
  for (const one of hidden) {
    if (one <= seq) break;
    seq -= 1;
  }
  return seq;
}

async function readHidden(
  ctx: MessageContext,
  { userId, conversationId }: { userId: UserId; conversationId: ConversationId },
  fromSeq: number,
): Promise<number[]> {
  const rows = await ctx.sql.$queryRaw<{ seq: bigint }[]>`
    SELECT seq FROM hidden_messages
    WHERE user_id = ${userId} AND conversation_id = ${BigInt(conversationId)} AND seq >= ${fromSeq}
    ORDER BY seq DESC`;
  return rows.map((row) => Number(row.seq));
}
