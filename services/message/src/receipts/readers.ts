/** P6: who has seen a message follows from the watermarks; nothing is stored for it, however large the group. */
import { LIMITS, type MessageId, type Readers, type UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMessage } from "../messages/find.ts";
import type { StoredMessage } from "../messages/row.ts";
import { toUser, USER_COLUMNS } from "../users/view.ts";

interface CountRecord {
  members: bigint;
  delivered: bigint | null;
  readers: bigint | null;
}

/**
 * Who has seen a message: people, without whoever wrote it and without those who joined later. In large groups they
 * are counted and not named; where one of two people blocks the other, the watermarks stand still. A reply in a thread is seen by whoever has read the thread so far.
 * @throws ChatError `not_found` where the message is not the caller's to see
 */
export async function listReaders(
  ctx: MessageContext,
  input: { userId: UserId; messageId: MessageId },
): Promise<Readers> {
  const message = await requireMessage(ctx, input);
  const [counts] = await ctx.sql.$queryRaw<CountRecord[]>`
    SELECT COUNT(*) AS members, SUM(${isAudience(message)} AND COALESCE(m.shown_delivered_seq, m.delivered_seq) >= ${message.seq}) AS delivered,
      SUM(${isReader(message)}) AS readers
    ${membersOf(message)}`;
  const named = Number(counts?.members ?? 0) <= LIMITS.readersNamed;
  return {
    readCount: Number(counts?.readers ?? 0),
    deliveredCount: Number(counts?.delivered ?? 0),
    users: named ? await nameReaders(ctx, message) : [],
  };
}

async function nameReaders(ctx: MessageContext, message: StoredMessage): Promise<Readers["users"]> {
  const rows = await ctx.sql.$queryRaw<{ id: string }[]>`
    SELECT u.id ${membersOf(message)} AND ${isReader(message)} ORDER BY u.id`;
  const users = await ctx.prisma.user.findMany({
    where: { id: { in: rows.map((row) => row.id) } },
    select: USER_COLUMNS,
    orderBy: { id: "asc" },
  });
  return users.map(toUser);
}

const membersOf = (message: StoredMessage): Prisma.Sql => Prisma.sql`
  FROM conversation_members m JOIN users u ON u.id = m.user_id
  LEFT JOIN thread_members t ON t.user_id = m.user_id AND t.root_id = ${BigInt(message.threadRootId ?? 0)}
  WHERE m.conversation_id = ${BigInt(message.conversationId)} AND m.left_at IS NULL`;

const isAudience = (message: StoredMessage): Prisma.Sql =>
  Prisma.sql`u.kind = 'human' AND m.user_id <> ${message.senderId} AND m.joined_seq < ${message.seq}`;

const isReader = (message: StoredMessage): Prisma.Sql => {
  const readSeq =
    message.threadRootId === null
      ? Prisma.sql`COALESCE(m.shown_read_seq, m.read_seq)`
      : Prisma.sql`COALESCE(LEAST(t.read_seq, m.shown_read_seq), t.read_seq, 0)`;
  return Prisma.sql`${isAudience(message)} AND ${readSeq} >= ${message.seq}`;
};
