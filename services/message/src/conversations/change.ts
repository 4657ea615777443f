/** P4: every change of a conversation itself raises its revision by one, under its lock, and is then announced. */
import type { Conversation, ConversationId, UserId } from "@confab/contract";
import { type ModelTransaction, withModels } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { moveRevision } from "../messages/append.ts";
import { appendSystem, type SystemEvent } from "../messages/append-system.ts";
import { lockHeads } from "../messages/head.ts";
import { publishCreated } from "../publish.ts";
import { type Access, requireGroup, requireMember } from "./access.ts";
import { announceChange } from "./announce.ts";
import { loadConversation } from "./view.ts";

export interface GroupRequest {
  /** Who asks. */
  actorId: UserId;
  conversationId: ConversationId;
}

/** What a change did: it is told by a system message where people should read of it. */
export interface GroupChange {
  system?: SystemEvent;
}

/**
 * Changes a group. `decide` writes the change and describes it, or answers undefined when all is as asked already;
 * after a deadlock it runs again from its start. Everybody in the group is told. The answer is the group as the
 * change left it, or undefined.
 * @throws ChatError `not_found`, `conflict` (a direct conversation), and whatever `decide` throws
 */
export async function changeGroup(
  ctx: MessageContext,
  { actorId, conversationId }: GroupRequest,
  decide: (tx: ModelTransaction, access: Access) => Promise<GroupChange | undefined>,
): Promise<Conversation | undefined> {
  const done = await withModels(
    ctx.prisma,
    async (tx) => {
      const head = (await lockHeads(tx, [conversationId])).get(conversationId);
      const access = await requireMember(tx, { userId: actorId, conversationId });
      requireGroup(access);
      const change = await decide(tx, access);
      if (!change || !head) return undefined;
      await moveRevision(tx, head);
      // Read before the system message takes its own revision: clients then see two steps of one, and no gap.
      const conversation = await loadConversation(tx, conversationId);
      const metadata = change.system;
      const message = metadata && (await appendSystem(tx, ctx, head, { actorId, metadata }));
      return { head, conversation, message };
    },
    { random: ctx.random },
  );
  if (!done) return undefined;
  announceChange(ctx, done.conversation);
  if (done.message) publishCreated(ctx, done.head, done.message);
  return done.conversation;
}
