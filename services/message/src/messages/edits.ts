/** What was edited is kept for those who moderate, until the message is deleted: then nobody has it any more. */
import type { MessageId, MessageVersion, UserId } from "@confab/contract";
import type { Queries } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMay } from "../conversations/permissions.ts";
import { requireMessageAccess } from "./find.ts";
import type { StoredMessage } from "./row.ts";

interface EditRecord {
  revision: bigint | number;
  body: string | null;
  written_at: Date;
}

const writtenAt = ({ editedAt, createdAt }: StoredMessage): Date => editedAt ?? createdAt;

/** Keeps what a message says before it says something else; of what is sealed nobody could read it. */
export async function keepVersion(tx: Queries, message: StoredMessage): Promise<void> {
  if (message.kind === "sealed") return;
  await tx.$executeRaw`
    INSERT INTO message_edits (message_id, revision, body, written_at)
    VALUES (${BigInt(message.id)}, ${message.revision}, ${message.body}, ${writtenAt(message)})`;
}

export async function forgetVersions(tx: Queries, messageId: MessageId): Promise<void> {
  await tx.$executeRaw`DELETE FROM message_edits WHERE message_id = ${BigInt(messageId)}`;
}

/**
 * Everything that a message has said, oldest first; the last is what it says now. Empty for a deleted one.
 * @throws ChatError `not_found` where the message is not the caller's to see; `forbidden` for who does not moderate
 */
export async function listEdits(
  ctx: MessageContext,
  input: { userId: UserId; messageId: MessageId },
): Promise<MessageVersion[]> {
  const { message, access } = await requireMessageAccess(ctx, input);
  requireMay(access, "edits:read");
  if (message.deletedAt) return [];
  const records = await ctx.sql.$queryRaw<EditRecord[]>`
    SELECT revision, body, written_at FROM message_edits
    WHERE message_id = ${BigInt(message.id)} AND revision < ${message.revision} ORDER BY revision`;
  const { body, revision } = message;
  return [...records, { body, revision, written_at: writtenAt(message) }].map((record) => ({
    revision: Number(record.revision),
    body: record.body,
    writtenAt: record.written_at.toISOString(),
  }));
}
