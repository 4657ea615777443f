import { ChatError, type MessageId, type UserId } from "@confab/contract";
import type { Queries } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { publishTo } from "../publish.ts";
import type { StoredMessage } from "./row.ts";
import { loadMessages, toMessage } from "./view.ts";

/** From now on history, sync and counts leave the message out for this person. Whether it was there before. */
export async function hideFor(
  db: Queries,
  userId: UserId,
  { conversationId, seq }: Pick<StoredMessage, "conversationId" | "seq">,
  hiddenAt: Date,
): Promise<boolean> {
  const hidden = await db.$executeRaw`
    INSERT IGNORE INTO hidden_messages (user_id, conversation_id, seq, hidden_at)
    VALUES (${userId}, ${BigInt(conversationId)}, ${seq}, ${hiddenAt})`;
  return hidden > 0;
}

export async function isHiddenFor(
  tx: Queries,
  userId: UserId,
  { conversationId, seq }: Pick<StoredMessage, "conversationId" | "seq">,
): Promise<boolean> {
  const rows = await tx.$queryRaw<unknown[]>`
    SELECT 1 FROM hidden_messages
    WHERE user_id = ${userId} AND conversation_id = ${BigInt(conversationId)} AND seq = ${seq}`;
  return rows.length > 0;
}

/**
 * Nobody else sees a difference, so no revision is raised. The person's connected devices are told by an update that
 * has the message's own revision and looks like a tombstone.
 * @throws ChatError `not_found`
 */
export async function hideMessage(
  ctx: MessageContext,
  { actorId, messageId }: { actorId: UserId; messageId: MessageId },
): Promise<void> {
  const message = (await loadMessages(ctx.sql, [messageId])).get(messageId);
  if (!message) throw new ChatError("not_found", { reason: "message" });
  const { conversationId } = message;
  const { member } = await requireMember(ctx.sql, { userId: actorId, conversationId }, "message");
  if (message.seq <= member.visibleAfterSeq) throw new ChatError("not_found", { reason: "message" });
  const hiddenAt = new Date(ctx.clock.now());
  if (!(await hideFor(ctx.sql, actorId, message, hiddenAt))) return;
  const tombstone = toMessage({ ...message, deletedAt: hiddenAt }, null);
  publishTo(ctx, actorId, "message:updated", tombstone);
}
