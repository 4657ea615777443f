import { Prisma, type Queries } from "@confab/db";
import { uuidToBytes } from "./dedupe.ts";
import type { ConversationHead } from "./head.ts";
import type { StoredMessage } from "./row.ts";

/** For a JSON column; none is NULL. */
export const toJson = (value: object | null): string | null =>
  value === null ? null : JSON.stringify(value);

/** Writes new messages. */
export function insertMessages(messages: StoredMessage[]): Prisma.Sql {
  const rows = messages.map(
    (message) => Prisma.sql`(${BigInt(message.conversationId)}, ${message.seq}, ${BigInt(message.id)},
      ${message.senderId}, ${uuidToBytes(message.clientMessageId)}, ${message.kind}, ${message.body},
      ${toJson(message.metadata)}, ${message.mentions.length === 0 ? null : toJson(message.mentions)},
      ${message.replyToId}, ${message.threadRootId}, ${message.schemaId}, ${message.revision}, ${message.createdAt})`,
  );
  return Prisma.sql`
    INSERT INTO messages (conversation_id, seq, id, sender_id, dedupe, kind, body, metadata, mentions,
      reply_to_id, thread_root_id, schema_id, revision, created_at)
    VALUES ${Prisma.join(rows)}`;
}

/** One change in a conversation that brings no new message (P4). The head is locked by this transaction. */
export async function moveRevision(tx: Queries, head: ConversationHead): Promise<void> {
  head.revision += 1;
  await tx.$executeRaw`UPDATE conversations SET revision = ${head.revision} WHERE id = ${BigInt(head.id)}`;
}

/** Writes how far the conversations have come. All of them are locked by the transaction that runs it. */
export function moveHeads(heads: ConversationHead[], at: Date): Prisma.Sql {
  const choose = (column: "lastSeq" | "revision") =>
    Prisma.join(
      heads.map((head) => Prisma.sql`WHEN ${BigInt(head.id)} THEN ${head[column]}`),
      " ",
    );
  return Prisma.sql`
    UPDATE conversations
    SET last_seq = CASE id ${choose("lastSeq")} END, revision = CASE id ${choose("revision")} END,
      last_message_at = ${at}
    WHERE id IN (${Prisma.join(heads.map((head) => BigInt(head.id)))})`;
}
