import { ChatError, type Message, type ReactionRef, type UserId } from "@confab/contract";
import type { Queries } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { type Change, changeMessage } from "./change.ts";

type ReactionInput = ReactionRef & { actorId: UserId };

/** Different emojis on one message: a row of buttons, not a second chat. */
const MAX_EMOJIS = 20;
/** The message itself stays as it is, but its revision rises (P4). */
const CHANGED: Change = {};

/**
 * Adds the actor's reaction; a repeat changes nothing.
 * @throws ChatError `not_found`; `conflict` on a deleted message, and beyond 20 different emojis
 */
export function addReaction(
  ctx: MessageContext,
  { actorId, messageId, emoji }: ReactionInput,
): Promise<Message> {
  return changeMessage(
    ctx,
    { actorId, messageId },
    { kind: "reaction_added", emoji },
    async (tx, { message }) => {
      if (message.deletedAt) throw new ChatError("conflict", { reason: "message_deleted" });
      const used = await readEmojis(tx, messageId);
      if (!used.has(emoji) && used.size >= MAX_EMOJIS) {
        throw new ChatError("conflict", { reason: "too_many_emojis" });
      }
      const added = await tx.$executeRaw`
      INSERT IGNORE INTO reactions (message_id, emoji, user_id, created_at)
      VALUES (${BigInt(messageId)}, ${emoji}, ${actorId}, ${new Date(ctx.clock.now())})`;
      return added === 0 ? undefined : CHANGED;
    },
  );
}

/** Takes the actor's reaction back; one that is not there changes nothing. @throws ChatError `not_found` */
export function removeReaction(
  ctx: MessageContext,
  { actorId, messageId, emoji }: ReactionInput,
): Promise<Message> {
  return changeMessage(ctx, { actorId, messageId }, { kind: "reaction_removed", emoji }, async (tx) => {
    const removed = await tx.$executeRaw`
      DELETE FROM reactions
      WHERE message_id = ${BigInt(messageId)} AND emoji = ${emoji} AND user_id = ${actorId}`;
    return removed === 0 ? undefined : CHANGED;
  });
}

async function readEmojis(tx: Queries, messageId: string): Promise<Set<string>> {
  const rows = await tx.$queryRaw<{ emoji: string }[]>`
    SELECT DISTINCT emoji FROM reactions WHERE message_id = ${BigInt(messageId)}`;
  return new Set(rows.map((row) => row.emoji));
}
