import { Prisma, type Transaction } from "@confab/db";
import { uuidToBytes } from "./dedupe.ts";
import type { ConversationHead } from "./head.ts";
import type { StoredMessage } from "./row.ts";

/** For a JSON column; none is NULL. */
export const toJson = (value: object | null): string | null =>
  value === null ? null : JSON.stringify(value);

/** Writes new messages, in one statement. */
export async function insertMessages(tx: Transaction, messages: StoredMessage[]): Promise<void> {
  const rows = messages.map(
    (message) => Prisma.sql`(${BigInt(message.conversationId)}, ${message.seq}, ${BigInt(message.id)},
      ${message.senderId}, ${uuidToBytes(message.clientMessageId)}, ${message.kind}, ${message.body},
      ${toJson(message.metadata)}, ${message.mentions.length === 0 ? null : toJson(message.mentions)},
      ${message.replyToId}, ${message.threadRootId}, ${message.schemaId}, ${message.revision}, ${message.createdAt})`,
  );
  await tx.$executeRaw`
    INSERT INTO messages (conversation_id, seq, id, sender_id, dedupe, kind, body, metadata, mentions,
      reply_to_id, thread_root_id, schema_id, revision, created_at)
    VALUES ${Prisma.join(rows)}`;
}

/** One change in a conversation that brings no new message (P4). The head is locked by this transaction. */
export async function moveRevision(tx: Transaction, head: ConversationHead): Promise<void> {
  head.revision += 1;
  await tx.$executeRaw`UPDATE conversations SET revision = ${head.revision} WHERE id = ${BigInt(head.id)}`;
}

/** Writes how far the conversations have come, in one statement. All of them are locked by this transaction. */
export async function moveHeads(tx: Transaction, heads: ConversationHead[], at: Date): Promise<void> {
  const choose = (column: "lastSeq" | "revision") =>
    Prisma.join(
      heads.map((head) => Prisma.sql`WHEN ${BigInt(head.id)} THEN ${head[column]}`),
      " ",
    );
  await tx.$executeRaw`
    UPDATE conversations
    SET last_seq = CASE id ${choose("lastSeq")} END, revision = CASE id ${choose("revision")} END,
      last_message_at = ${at}
    WHERE id IN (${Prisma.join(heads.map((head) => BigInt(head.id)))})`;
}
