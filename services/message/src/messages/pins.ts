import type { ConversationId, Message, UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { notHidden } from "./list.ts";
import { MESSAGE_COLUMNS, type MessageRecord, toStoredMessage } from "./row.ts";
import { viewMessages } from "./view.ts";

interface PinsInput {
  userId: UserId;
  conversationId: ConversationId;
}

/**
 * What is pinned, pinned last first, except for what is not the person's to see. The conversation knows the seqs in
 * the order of pinning, so this reads no more rows than there are pins.
 * @throws ChatError `not_found` for those who are not in the conversation
 */
export async function listPins(ctx: MessageContext, input: PinsInput): Promise<{ items: Message[] }> {
  await requireMember(ctx.sql, input);
  const id = BigInt(input.conversationId);
  const [row] = await ctx.sql.$queryRaw<{ settings: string }[]>`
    SELECT CAST(settings AS CHAR) AS settings FROM conversations WHERE id = ${id}`;
  const { pinnedSeqs = [] } = JSON.parse(row?.settings ?? "{}") as { pinnedSeqs?: number[] };
  if (pinnedSeqs.length === 0) return { items: [] };
  const records = await ctx.sql.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS} FROM messages m
    WHERE m.conversation_id = ${id} AND m.seq IN (${Prisma.join(pinnedSeqs)})
      AND m.pinned_at IS NOT NULL ${notHidden(input)}`;
  const messages = records.map(toStoredMessage);
  messages.sort((one, other) => pinnedSeqs.indexOf(other.seq) - pinnedSeqs.indexOf(one.seq));
  return { items: await viewMessages(ctx.sql, messages, input.userId) };
}
