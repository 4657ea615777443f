/** P4: every change of a conversation itself raises its revision by one, under its lock, and is then announced. */
import type { Conversation, ConversationId, UserId } from "@confab/contract";
import { type Transaction, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { lockHeads } from "../messages/head.ts";
import { type Access, requireGroup, requireMember, requireRole } from "./access.ts";
import { announceChange } from "./announce.ts";
import { loadConversation } from "./view.ts";

export interface GroupRequest {
  /** Who asks. */
  actorId: UserId;
  conversationId: ConversationId;
}

/**
 * Changes a group. `decide` writes what changes and answers whether anything did; it runs again from its start after
 * a deadlock. Answers whether there was a change, which everybody in the group has then been told of.
 * @throws ChatError `not_found`, `conflict` (a direct conversation), and whatever `decide` throws
 */
export async function changeGroup(
  ctx: MessageContext,
  { actorId, conversationId }: GroupRequest,
  decide: (tx: Transaction, access: Access) => Promise<boolean>,
): Promise<boolean> {
  const changed = await withTransaction(
    ctx.prisma,
    async (tx) => {
      await lockHeads(tx, [conversationId]);
      const access = await requireMember(tx, { userId: actorId, conversationId });
      requireGroup(access);
      const decided = await decide(tx, access);
      if (decided) {
        await tx.$executeRaw`
          UPDATE conversations SET revision = revision + 1 WHERE id = ${BigInt(conversationId)}`;
      }
      return decided;
    },
    { random: ctx.random },
  );
  if (changed) await announceChange(ctx, conversationId);
  return changed;
}

export interface GroupProfile {
  title?: string | undefined;
  /** Null takes the picture away. */
  avatarUrl?: string | null | undefined;
}

/** Renames a group or changes its picture. */
export async function updateConversation(
  ctx: MessageContext,
  request: GroupRequest,
  profile: GroupProfile,
): Promise<Conversation> {
  const { conversationId } = request;
  await changeGroup(ctx, request, async (tx, access) => {
    requireRole(access, "admin", "moderator");
    const { title, avatarUrl } = profile;
    if (title === undefined && avatarUrl === undefined) return false;
    await tx.conversation.update({ where: { id: BigInt(conversationId) }, data: { title, avatarUrl } });
    return true;
  });
  return loadConversation(ctx.prisma, conversationId);
}
