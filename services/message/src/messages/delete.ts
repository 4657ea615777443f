import { ChatError, type DeleteMessage, type MessageId, type UserId } from "@confab/contract";
import type { Transaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { publishTo } from "../publish.ts";
import { type ChangeState, changeMessage } from "./change.ts";
import { dropPin } from "./pin.ts";
import { loadMessages, toMessage } from "./view.ts";

/**
 * Deletes for everyone, leaving a tombstone that keeps its seq, or hides from the actor alone. A repeat changes
 * nothing.
 * @throws ChatError `not_found`; `forbidden` for somebody else's message, except to a group's admins and moderators
 */
export async function deleteMessage(
  ctx: MessageContext,
  { actorId, messageId, scope }: DeleteMessage & { actorId: UserId },
): Promise<void> {
  if (scope === "me") return hideMessage(ctx, { actorId, messageId });
  await changeMessage(ctx, { actorId, messageId }, async (tx, state) => {
    const { message } = state;
    if (!mayDelete(state, actorId)) throw new ChatError("forbidden", { reason: "not_author" });
    if (message.deletedAt) return undefined;
    await forgetReactions(tx, message.id);
    if (message.pinnedAt) await dropPin(tx, message);
    return {
      body: null,
      metadata: null,
      mentions: [],
      pinnedAt: null,
      deletedAt: new Date(ctx.clock.now()),
    };
  });
}

/** What a system message tells stays told. */
function mayDelete({ head, access, message }: ChangeState, actorId: UserId): boolean {
  if (message.kind === "system") return false;
  if (message.senderId === actorId) return true;
  return head.kind === "group" && access.member.role !== "member";
}

async function forgetReactions(tx: Transaction, messageId: MessageId): Promise<void> {
  await tx.$executeRaw`DELETE FROM reactions WHERE message_id = ${BigInt(messageId)}`;
}

/**
 * Nobody else sees a difference, so no revision is raised. The person's connected devices are told by an update that
 * has the message's own revision and looks like a tombstone; from now on history and sync leave it out for them.
 */
async function hideMessage(
  ctx: MessageContext,
  { actorId, messageId }: { actorId: UserId; messageId: MessageId },
): Promise<void> {
  const message = (await loadMessages(ctx.prisma, [messageId])).get(messageId);
  if (!message) throw new ChatError("not_found", { reason: "message" });
  await requireMember(ctx.prisma, { userId: actorId, conversationId: message.conversationId });
  const hiddenAt = new Date(ctx.clock.now());
  const hidden = await ctx.prisma.$executeRaw`
    INSERT IGNORE INTO hidden_messages (user_id, conversation_id, seq, hidden_at)
    VALUES (${actorId}, ${BigInt(message.conversationId)}, ${message.seq}, ${hiddenAt})`;
  if (hidden === 0) return;
  const tombstone = toMessage({ ...message, deletedAt: hiddenAt }, null);
  publishTo(ctx, actorId, "message:updated", tombstone);
}
