import { ChatError, type MessageId, type UserId } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import { type Access, requireMember } from "../conversations/access.ts";
import { notHidden } from "./list.ts";
import { MESSAGE_COLUMNS, type MessageRecord, type StoredMessage, toStoredMessage } from "./row.ts";

/**
 * A message that this person may see, also a deleted one.
 * @throws ChatError `not_found`, reason `message`: the same whether it does not exist or is not theirs to see
 */
export async function requireMessage(
  ctx: MessageContext,
  { userId, messageId }: { userId: UserId; messageId: MessageId },
): Promise<StoredMessage> {
  return (await requireMessageAccess(ctx, { userId, messageId })).message;
}

/** The same, with what decides about rights. Throws as `requireMessage` does. */
export async function requireMessageAccess(
  ctx: MessageContext,
  { userId, messageId }: { userId: UserId; messageId: MessageId },
): Promise<{ message: StoredMessage; access: Access }> {
  const [record] = await ctx.sql.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE m.id = ${BigInt(messageId)} ${notHidden({ userId })}`;
  if (!record) throw new ChatError("not_found", { reason: "message" });
  const message = toStoredMessage(record);
  const { conversationId } = message;
  const access = await requireMember(ctx.sql, { userId, conversationId }, "message");
  return { message, access };
}
