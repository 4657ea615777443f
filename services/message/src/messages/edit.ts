import { ChatError, type EditMessage, type Message, type UserId } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import { changeMessage } from "./change.ts";
import { keepVersion } from "./edits.ts";

/** Kinds whose body is words of the sender; a sealed one is opaque, and its author may replace it all the same. */
const EDITABLE = new Set(["text", "code", "image", "file", "voice", "sealed"]);

/**
 * Puts other words into the actor's own message.
 * @throws ChatError `not_found`; `forbidden` for somebody else's message or a kind without words; `conflict` for a
 * deleted one, and where `expectedRevision` is not the message's
 */
export function editMessage(
  ctx: MessageContext,
  { actorId, messageId, body, expectedRevision }: EditMessage & { actorId: UserId },
): Promise<Message> {
  return changeMessage(ctx, { actorId, messageId }, { kind: "edited" }, async (tx, { message }) => {
    if (message.senderId !== actorId) throw new ChatError("forbidden", { reason: "not_author" });
    if (!EDITABLE.has(message.kind)) throw new ChatError("forbidden", { reason: "not_editable" });
    if (message.deletedAt) throw new ChatError("conflict", { reason: "message_deleted" });
    // A retry of an edit that went through: its answer was lost, not its effect.
    if (message.body === body && message.editedAt) return undefined;
    if (expectedRevision != null && expectedRevision !== message.revision) {
      throw new ChatError("conflict", { reason: "revision_changed" });
    }
    if (message.body === body) return undefined;
    await keepVersion(tx, message);
    return { body, editedAt: new Date(ctx.clock.now()) };
  });
}
