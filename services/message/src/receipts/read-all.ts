import { ChatError, type MessageId, type UserId, type Watermarks } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import { requireMessageAccess } from "../messages/find.ts";
import { readAllThreads, readThread } from "../threads/read.ts";
import { markReceipts } from "./mark.ts";

/** A transaction holds so many members' rows for a moment, and others wait for no more than these. */
const CONVERSATIONS_PER_MARK = 256;

/** Moves a person's watermarks to the end of everything; how many conversations had something unread. */
export async function readAll(
  ctx: MessageContext,
  { userId }: { userId: UserId },
): Promise<{ conversations: number }> {
  const rows = await ctx.sql.$queryRaw<{ id: bigint; last_seq: bigint }[]>`
    SELECT c.id, c.last_seq FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = ${userId} AND m.left_at IS NULL
      AND (m.read_seq < c.last_seq OR m.unread_seq IS NOT NULL)
    ORDER BY c.id`;
  const marks = rows.map((row) => ({
    userId,
    conversationId: String(row.id),
    readSeq: Number(row.last_seq),
  }));
  for (let start = 0; start < marks.length; start += CONVERSATIONS_PER_MARK) {
    await markReceipts(ctx, marks.slice(start, start + CONVERSATIONS_PER_MARK));
  }
  await readAllThreads(ctx, userId);
  return { conversations: rows.length };
}

/**
 * The person has seen everything up to a message; of a reply in a thread, that thread up to it.
 * @throws ChatError `not_found` where the message is not theirs to see
 */
export async function readMessage(
  ctx: MessageContext,
  { userId, messageId }: { userId: UserId; messageId: MessageId },
): Promise<Watermarks> {
  const { message, access } = await requireMessageAccess(ctx, { userId, messageId });
  const { conversationId, seq, threadRootId } = message;
  if (threadRootId !== null) {
    await readThread(ctx, { userId, rootId: threadRootId, seq });
    const { deliveredSeq, readSeq } = access.member;
    return { conversationId, userId, deliveredSeq, readSeq };
  }
  const [outcome] = await markReceipts(ctx, [{ userId, conversationId, readSeq: seq }]);
  if (!outcome || outcome instanceof ChatError) throw outcome;
  return outcome;
}
