import { ChatError, type ConversationId, type Message } from "@confab/contract";
import type { Queries } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { toJson } from "./append.ts";
import { changeMessage, type MessageActor } from "./change.ts";

/** What is pinned is a short list for everybody, and every member may pin. */
const MAX_PINS = 50;

/** @throws ChatError `not_found`; `conflict` on a deleted message, and beyond 50 pins in a conversation */
export function pinMessage(ctx: MessageContext, actor: MessageActor): Promise<Message> {
  return changeMessage(ctx, actor, { kind: "pinned" }, async (tx, { message }) => {
    if (message.deletedAt) throw new ChatError("conflict", { reason: "message_deleted" });
    if (message.pinnedAt) return undefined;
    await changePins(tx, message.conversationId, (pins) => {
      if (pins.length >= MAX_PINS) throw new ChatError("conflict", { reason: "too_many_pins" });
      return [...pins, message.seq];
    });
    return { pinnedAt: new Date(ctx.clock.now()) };
  });
}

/** @throws ChatError `not_found` */
export function unpinMessage(ctx: MessageContext, actor: MessageActor): Promise<Message> {
  return changeMessage(ctx, actor, { kind: "unpinned" }, async (tx, { message }) => {
    if (!message.pinnedAt) return undefined;
    await dropPin(tx, message);
    return { pinnedAt: null };
  });
}

export const dropPin = (
  tx: Queries,
  message: { conversationId: ConversationId; seq: number },
): Promise<void> =>
  changePins(tx, message.conversationId, (pins) => pins.filter((seq) => seq !== message.seq));

/**
 * The seqs of what is pinned are kept in the conversation's settings: finding them among its messages would read all
 * of them, or cost every message an index entry. INVARIANT: the conversation is locked by this transaction.
 */
async function changePins(
  tx: Queries,
  conversationId: ConversationId,
  change: (pins: number[]) => number[],
): Promise<void> {
  const id = BigInt(conversationId);
  const [row] = await tx.$queryRaw<{ settings: string }[]>`
    SELECT CAST(settings AS CHAR) AS settings FROM conversations WHERE id = ${id}`;
  const settings = JSON.parse(row?.settings ?? "{}") as { pinnedSeqs?: number[] };
  const changed = { ...settings, pinnedSeqs: change(settings.pinnedSeqs ?? []) };
  await tx.$executeRaw`UPDATE conversations SET settings = ${toJson(changed)} WHERE id = ${id}`;
}
