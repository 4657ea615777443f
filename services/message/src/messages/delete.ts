import {
  ChatError,
  type DeleteMessage,
  type HiddenMessage,
  type MessageId,
  type UserId,
} from "@confab/contract";
import type { Queries } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { may } from "../conversations/permissions.ts";
import { writeAudit } from "../moderation/audit.ts";
import { type Change, type ChangeState, changeMessage } from "./change.ts";
import { forgetVersions } from "./edits.ts";
import { hideMessage } from "./hide.ts";
import { dropPin } from "./pin.ts";

/**
 * Deletes for everyone, leaving a tombstone that keeps its seq, or hides from the actor alone, and answers with that.
 * A repeat changes nothing.
 * @throws ChatError `not_found`; `forbidden` for somebody else's message, except to a group's admins and moderators
 */
export async function deleteMessage(
  ctx: MessageContext,
  { actorId, messageId, scope }: DeleteMessage & { actorId: UserId },
): Promise<{ hidden?: HiddenMessage }> {
  if (scope === "me") return { hidden: await hideMessage(ctx, { actorId, messageId }) };
  const remove = async (tx: Queries, state: ChangeState): Promise<Change | undefined> => {
    const { message } = state;
    if (!mayDelete(state, actorId)) throw new ChatError("forbidden", { reason: "not_author" });
    if (message.deletedAt) return undefined;
    await forgetReactions(tx, message.id);
    await forgetVersions(tx, message.id);
    if (message.pinnedAt) await dropPin(tx, message);
    if (message.senderId !== actorId) await auditDeletion(tx, ctx, { actorId, message });
    return { body: null, metadata: null, mentions: [], pinnedAt: null, deletedAt: new Date(ctx.clock.now()) };
  };
  // Somebody's own words may always go, whoever blocks whom.
  await changeMessage(ctx, { actorId, messageId }, { kind: "deleted" }, remove, { despiteBlock: true });
  return {};
}

/** What a system message tells stays told. */
function mayDelete({ access, message }: ChangeState, actorId: UserId): boolean {
  if (message.kind === "system") return false;
  return message.senderId === actorId || may(access, "message:delete_other");
}

function auditDeletion(
  tx: Queries,
  ctx: MessageContext,
  { actorId, message }: Pick<ChangeState, "message"> & { actorId: UserId },
): Promise<void> {
  const { conversationId, senderId, id, seq } = message;
  return writeAudit(tx, ctx, {
    conversationId,
    actorId,
    action: "message_deleted",
    subjectId: senderId,
    details: { messageId: id, seq },
  });
}

async function forgetReactions(tx: Queries, messageId: MessageId): Promise<void> {
  await tx.$executeRaw`DELETE FROM reactions WHERE message_id = ${BigInt(messageId)}`;
}
