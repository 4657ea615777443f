/** What members hear of a conversation itself. After commit: nothing here fails the change that was made. */
import type { ConversationId, UserId } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import { publish } from "../publish.ts";
import { loadConversation } from "./view.ts";

/** After this long every gateway listens to the rooms that its sockets were told to join. */
const JOINED_MS = 1000;

/** Tells everybody who is in a group what it is like now. */
export async function announceChange(ctx: MessageContext, conversationId: ConversationId): Promise<void> {
  await quietly(ctx, async () => {
    const conversation = await loadConversation(ctx.prisma, conversationId);
    const head = { conversationId, revision: conversation.revision };
    publish(ctx, { kind: "group", conversationId }, "conversation:updated", { conversation }, head);
  });
}

/**
 * Lets people into a conversation's room and shows it to them, each in their own room, since no gateway may be
 * listening to the conversation's yet. What was said while they were on their way in is healed by a head.
 */
export async function announceNew(
  ctx: MessageContext,
  conversationId: ConversationId,
  userIds: UserId[],
): Promise<void> {
  await quietly(ctx, async () => {
    const conversation = await loadConversation(ctx.prisma, conversationId);
    const head = { conversationId, revision: conversation.revision };
    if (conversation.kind === "group") {
      ctx.fanout.join(userIds, conversationId);
      sayHeadLater(ctx, conversationId, userIds);
    }
    publish(ctx, { kind: "direct", userIds }, "conversation:updated", { conversation }, head);
  });
}

/** Takes somebody out of the room, on every device. */
export function announceRemoval(ctx: MessageContext, conversationId: ConversationId, userId: UserId): void {
  ctx.fanout.leave(userId, conversationId);
  publish(ctx, { kind: "direct", userIds: [userId] }, "conversation:removed", { conversationId });
}

function sayHeadLater(ctx: MessageContext, conversationId: ConversationId, userIds: UserId[]): void {
  const timer = setTimeout(() => {
    if (ctx.lifecycle.stopping) return;
    void quietly(ctx, async () => {
      const { revision } = await loadConversation(ctx.prisma, conversationId);
      const revisions = { [conversationId]: revision };
      publish(ctx, { kind: "direct", userIds }, "head", { revisions }, { conversationId, revision });
    });
  }, JOINED_MS);
  timer.unref();
}

async function quietly(ctx: MessageContext, say: () => Promise<void>): Promise<void> {
  try {
    await say();
  } catch (error) {
    ctx.log.warn({ err: (error as Error).message }, "a change of a conversation could not be announced");
  }
}
