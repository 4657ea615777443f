/** What people hear of a conversation itself, after commit: hints (P1), of which none fails the change. */
import type { Conversation, ConversationId, UserId } from "@confab/contract";
import type { Audience } from "@confab/runtime";
import type { MessageContext } from "../context.ts";
import { publish } from "../publish.ts";

/** After this long every gateway listens to the rooms that its sockets were told to join. */
const JOINED_MS = 1000;

/** Tells everybody who is in a group what it is like now. */
export function announceChange(ctx: MessageContext, conversation: Conversation): void {
  say(ctx, { kind: "group", conversationId: conversation.id }, conversation);
}

/**
 * Lets people into a conversation's room and shows it to them, each in their own room, since no gateway may be
 * listening to the conversation's yet. What was said while they were on their way in is healed by a head.
 */
export function announceNew(ctx: MessageContext, conversation: Conversation, userIds: UserId[]): void {
  if (conversation.kind === "group") {
    ctx.fanout.join(userIds, conversation.id);
    sayHeadLater(ctx, conversation.id, userIds);
  }
  say(ctx, { kind: "direct", userIds }, conversation);
}

/** Takes somebody out of the room, on every device. */
export function announceRemoval(ctx: MessageContext, conversationId: ConversationId, userId: UserId): void {
  ctx.fanout.leave(userId, conversationId);
  publish(ctx, { kind: "direct", userIds: [userId] }, "conversation:removed", { conversationId });
}

function say(ctx: MessageContext, audience: Audience, conversation: Conversation): void {
  const head = { conversationId: conversation.id, revision: conversation.revision };
  publish(ctx, audience, "conversation:updated", { conversation }, head);
}

function sayHeadLater(ctx: MessageContext, conversationId: ConversationId, userIds: UserId[]): void {
  const timer = setTimeout(async () => {
    if (ctx.lifecycle.stopping) return;
    try {
      const [row] = await ctx.sql.$queryRaw<{ revision: bigint }[]>`
        SELECT revision FROM conversations WHERE id = ${BigInt(conversationId)}`;
      const revision = Number(row?.revision ?? 0);
      const revisions = { [conversationId]: revision };
      publish(ctx, { kind: "direct", userIds }, "head", { revisions }, { conversationId, revision });
    } catch (error) {
      // The clients' own question for heads comes within a minute.
      ctx.log.warn({ err: (error as Error).message, conversationId }, "a head could not be announced");
    }
  }, JOINED_MS);
  timer.unref();
}
