import type { Message, UserId } from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";
import { notHidden } from "../messages/list.ts";
import { MESSAGE_COLUMNS, type MessageRecord, type StoredMessage, toStoredMessage } from "../messages/row.ts";
import { viewMessages } from "../messages/view.ts";

/** Messages on either side of the one that is reported. */
const AROUND = 5;

/**
 * A message and what was said around it, as the viewer sees it, oldest first. Without the message itself, if it is not
 * theirs to see.
 */
export async function gatherEvidence(
  db: Queries,
  viewerId: UserId,
  { conversationId, seq }: Pick<StoredMessage, "conversationId" | "seq">,
): Promise<Message[]> {
  const side = (range: Prisma.Sql, limit: number) => Prisma.sql`(
    SELECT ${MESSAGE_COLUMNS} FROM messages m
    WHERE m.conversation_id = ${BigInt(conversationId)} ${notHidden({ userId: viewerId })} AND ${range}
    LIMIT ${limit})`;
  const records = await db.$queryRaw<MessageRecord[]>`
    ${side(Prisma.sql`m.seq <= ${seq} ORDER BY m.seq DESC`, AROUND + 1)} UNION ALL
    ${side(Prisma.sql`m.seq > ${seq} ORDER BY m.seq`, AROUND)}`;
  const messages = records.map(toStoredMessage).sort((one, other) => one.seq - other.seq);
  return viewMessages(db, messages, viewerId);
}
