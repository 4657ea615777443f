/**
 * P4: every change of a message raises its conversation's revision by one and gives the message that revision.
 * P9: who may change what is asked under the conversation's lock, so an answer cannot be out of date.
 */
import {
  ChatError,
  type ConversationId,
  type Message,
  type MessageChange,
  type MessageId,
  type UserId,
} from "@confab/contract";
import { type Queries, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { type Access, requireMember } from "../conversations/access.ts";
import { publishTo, publishUpdated } from "../publish.ts";
import { moveRevision, toJson } from "./append.ts";
import { type ConversationHead, lockHeads, peerOf } from "./head.ts";
import { findHidden, hideFor } from "./hide.ts";
import { MESSAGE_COLUMNS, type MessageRecord, type StoredMessage, toStoredMessage } from "./row.ts";
import { viewMessages } from "./view.ts";

export interface ChangeState {
  head: ConversationHead;
  access: Access;
  /** As it is before the change. */
  message: StoredMessage;
}

/** The columns that a change sets; undefined when everything is as asked already. */
export type Change = Partial<
  Pick<StoredMessage, "body" | "metadata" | "mentions" | "editedAt" | "deletedAt" | "pinnedAt">
>;

export interface MessageActor {
  actorId: UserId;
  messageId: MessageId;
}

export interface ChangeOptions {
  /** Whether it is also done and told where one of the two people blocks the other; default: it is not. */
  despiteBlock?: boolean;
}

/**
 * Changes one message and says so, and `what` was done; answers with its present state, as the actor sees it. `decide` runs under the
 * conversation's lock; where it answers undefined nothing is written or said. What somebody who is blocked changes,
 * the other person does not see: their own message is gone from there, which the other's devices hear, and the other's
 * stays as it is.
 * @throws ChatError `not_found`, and whatever `decide` throws
 */
export async function changeMessage(
  ctx: MessageContext,
  { actorId, messageId }: MessageActor,
  what: Omit<MessageChange, "userId">,
  decide: (tx: Queries, state: ChangeState) => Promise<Change | undefined>,
  { despiteBlock = false }: ChangeOptions = {},
): Promise<Message> {
  const conversationId = await findConversation(ctx, messageId);
  const { head, own, broadcast, unheardBy, hidden } = await withTransaction(
    ctx.sql,
    async (tx) => {
      const state = await lockMessage(tx, { actorId, conversationId, messageId });
      const { blocksPeer, blockedByPeer } = state.access.member;
      if (blocksPeer && !despiteBlock) throw new ChatError("forbidden", { reason: "peer_blocked" });
      const isSilent = blockedByPeer && !despiteBlock;
      const isMoot = isSilent && state.message.senderId !== actorId;
      const change = isMoot ? undefined : await decide(tx, state);
      const unheardBy = change ? await findUnhearing(tx, state, isSilent) : null;
      const after = change ? await writeChange(tx, state, change) : state.message;
      const [own] = await viewMessages(tx, [after], actorId);
      const [broadcast] = change ? await viewMessages(tx, [after], null) : [];
      const at = new Date(ctx.clock.now());
      const hidden = unheardBy === null ? null : await hideFor(tx, unheardBy, after, at);
      return { head: state.head, own: own as Message, broadcast, unheardBy, hidden };
    },
    { random: ctx.random },
  );
  const change = { ...what, userId: actorId };
  if (broadcast) publishUpdated(ctx, head, { ...broadcast, change }, unheardBy);
  if (unheardBy !== null && hidden) publishTo(ctx, unheardBy, "message:hidden", hidden);
  return own;
}

/** The other person of a direct conversation, if this message is not, or no longer, for them to see. */
async function findUnhearing(
  tx: Queries,
  { head, access, message }: ChangeState,
  isSilent: boolean,
): Promise<UserId | null> {
  const peerId = peerOf(head, access.member.userId);
  return peerId !== null && (isSilent || (await findHidden(tx, peerId, message)) !== null) ? peerId : null;
}

/** Where a message is never changes, so it may be asked before the lock. @throws ChatError `not_found` */
export async function findConversation(ctx: MessageContext, messageId: MessageId): Promise<ConversationId> {
  const [row] = await ctx.sql.$queryRaw<{ conversation_id: bigint }[]>`
    SELECT conversation_id FROM messages WHERE id = ${BigInt(messageId)}`;
  if (!row) throw new ChatError("not_found", { reason: "message" });
  return String(row.conversation_id);
}

async function lockMessage(
  tx: Queries,
  { actorId, conversationId, messageId }: MessageActor & { conversationId: ConversationId },
): Promise<ChangeState> {
  const head = (await lockHeads(tx, [conversationId])).get(conversationId);
  const access = await requireMember(tx, { userId: actorId, conversationId }, "message");
  const [record] = await tx.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE m.id = ${BigInt(messageId)}`;
  if (!head || !record || Number(record.seq) <= access.member.visibleAfterSeq) {
    throw new ChatError("not_found", { reason: "message" });
  }
  return { head, access, message: toStoredMessage(record) };
}

async function writeChange(
  tx: Queries,
  { head, message }: ChangeState,
  change: Change,
): Promise<StoredMessage> {
  const after = { ...message, ...change, revision: head.revision + 1 };
  await tx.$executeRaw`
    UPDATE messages
    SET body = ${after.body}, metadata = ${toJson(after.metadata)},
      mentions = ${after.mentions.length === 0 ? null : toJson(after.mentions)},
      edited_at = ${after.editedAt}, deleted_at = ${after.deletedAt}, pinned_at = ${after.pinnedAt},
      revision = ${after.revision}
    WHERE conversation_id = ${BigInt(after.conversationId)} AND seq = ${after.seq}`;
  await moveRevision(tx, head);
  return after;
}
