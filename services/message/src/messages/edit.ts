import { isDeepStrictEqual } from "node:util";
import {
  ChatError,
  type ConversationId,
  type EditMessage,
  type Message,
  type UserId,
} from "@confab/contract";
import type { Queries } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { findMembers } from "../conversations/access.ts";
import { changeMessage } from "./change.ts";
import { keepVersion } from "./edits.ts";

/** Kinds whose body is words of the sender; a sealed one is opaque, and its author may replace it all the same. */
const EDITABLE = new Set(["text", "code", "image", "file", "voice", "sealed"]);

/**
 * Puts other words into the actor's own message; what it said is kept for moderators.
 * @throws ChatError `not_found`; `forbidden` for somebody else's message or a kind without words; `conflict` for a
 * deleted one, and where `expectedRevision` is not the message's; `invalid` when somebody named is not there
 */
export function editMessage(
  ctx: MessageContext,
  { actorId, messageId, body, expectedRevision, mentions }: EditMessage & { actorId: UserId },
): Promise<Message> {
  return changeMessage(ctx, { actorId, messageId }, { kind: "edited" }, async (tx, { message }) => {
    if (message.senderId !== actorId) throw new ChatError("forbidden", { reason: "not_author" });
    if (!EDITABLE.has(message.kind)) throw new ChatError("forbidden", { reason: "not_editable" });
    if (message.deletedAt) throw new ChatError("conflict", { reason: "message_deleted" });
    const named = mentions == null ? message.mentions : [...new Set(mentions)];
    const isSame = message.body === body && isDeepStrictEqual(message.mentions, named);
    // A retry of an edit that went through: its answer was lost, not its effect.
    if (isSame && message.editedAt) return undefined;
    if (expectedRevision != null && expectedRevision !== message.revision) {
      throw new ChatError("conflict", { reason: "revision_changed" });
    }
    if (isSame) return undefined;
    if (mentions != null) await requireMentioned(tx, message.conversationId, named);
    await keepVersion(tx, message);
    return { body, mentions: named, editedAt: new Date(ctx.clock.now()) };
  });
}

async function requireMentioned(
  tx: Queries,
  conversationId: ConversationId,
  userIds: UserId[],
): Promise<void> {
  if (userIds.length === 0) return;
  const members = await findMembers(tx, new Map([[conversationId, new Set(userIds)]]));
  if (members.size < userIds.length) throw new ChatError("invalid", { reason: "mention_not_member" });
}
