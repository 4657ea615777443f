/** "Delete for me": the person's own affair, told to their devices alone, by the person's own revision. */
import { ChatError, type HiddenMessage, type MessageId, type UserId } from "@confab/contract";
import { type Queries, type Transaction, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { nextPersonalRevision } from "../personal/revision.ts";
import { publishTo } from "../publish.ts";
import type { StoredMessage } from "./row.ts";
import { loadMessages } from "./view.ts";

/**
 * From now on history, sync and counts leave the message out for this person; null if they did before. INVARIANT: last
 * in its transaction, for it ends with the lock of the person.
 */
export async function hideFor(
  tx: Transaction,
  userId: UserId,
  { conversationId, seq, id }: Pick<StoredMessage, "conversationId" | "seq" | "id">,
  hiddenAt: Date,
): Promise<HiddenMessage | null> {
  const key = { conversation_id: BigInt(conversationId), seq };
  const inserted = await tx.$executeRaw`
    INSERT IGNORE INTO hidden_messages (user_id, conversation_id, seq, hidden_at)
    VALUES (${userId}, ${key.conversation_id}, ${key.seq}, ${hiddenAt})`;
  if (inserted === 0) return null;
  const revision = await nextPersonalRevision(tx, userId);
  await tx.$executeRaw`
    UPDATE hidden_messages SET revision = ${revision}
    WHERE user_id = ${userId} AND conversation_id = ${key.conversation_id} AND seq = ${key.seq}`;
  return { conversationId, messageId: id, seq, revision };
}

/** The person's own revision at which a message was hidden from them; null if it is not. */
export async function findHidden(
  tx: Queries,
  userId: UserId,
  { conversationId, seq }: Pick<StoredMessage, "conversationId" | "seq">,
): Promise<number | null> {
  const [row] = await tx.$queryRaw<{ revision: bigint | number }[]>`
    SELECT revision FROM hidden_messages
    WHERE user_id = ${userId} AND conversation_id = ${BigInt(conversationId)} AND seq = ${seq}`;
  return row ? Number(row.revision) : null;
}

/**
 * Nobody else sees a difference, so no revision of the conversation is raised. A repeat changes nothing and answers
 * the same.
 * @throws ChatError `not_found`
 */
export async function hideMessage(
  ctx: MessageContext,
  { actorId, messageId }: { actorId: UserId; messageId: MessageId },
): Promise<HiddenMessage> {
  const message = (await loadMessages(ctx.sql, [messageId])).get(messageId);
  if (!message) throw new ChatError("not_found", { reason: "message" });
  const { conversationId } = message;
  const { member } = await requireMember(ctx.sql, { userId: actorId, conversationId }, "message");
  if (message.seq <= member.visibleAfterSeq) throw new ChatError("not_found", { reason: "message" });
  const hiddenAt = new Date(ctx.clock.now());
  const { fresh, held } = await withTransaction(
    ctx.sql,
    async (tx) => {
      const fresh = await hideFor(tx, actorId, message, hiddenAt);
      return { fresh, held: fresh ? null : await findHidden(tx, actorId, message) };
    },
    { random: ctx.random },
  );
  if (fresh) publishTo(ctx, actorId, "message:hidden", fresh);
  return fresh ?? { conversationId, messageId, seq: message.seq, revision: held ?? 0 };
}
