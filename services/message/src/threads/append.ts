/**
 * What a reply costs beside its own row: one row that leads to it, and its root's, whose count and revision rise. What
 * is said outside of threads costs nothing of it.
 */
import type { UserId } from "@confab/contract";
import { Prisma, type Transaction } from "@confab/db";
import type { AnsweredRoot } from "../messages/plan.ts";
import type { StoredMessage } from "../messages/row.ts";

/** Writes what belongs to replies that were just inserted. INVARIANT: their conversations are locked by this transaction. */
export async function appendReplies(
  tx: Transaction,
  { messages, roots }: { messages: StoredMessage[]; roots: AnsweredRoot[] },
): Promise<void> {
  if (roots.length === 0) return;
  const replies = messages.filter((message) => message.threadRootId !== null);
  await insertReplies(tx, replies);
  await writeRoots(
    tx,
    roots.map(({ root }) => root),
  );
  await followByPosting(tx, replies, roots);
}

async function insertReplies(tx: Transaction, replies: StoredMessage[]): Promise<void> {
  const rows = replies.map(
    ({ threadRootId, seq }) => Prisma.sql`(${BigInt(threadRootId as string)}, ${seq})`,
  );
  await tx.$executeRaw`INSERT INTO thread_replies (root_id, seq) VALUES ${Prisma.join(rows)}`;
}

async function writeRoots(tx: Transaction, roots: StoredMessage[]): Promise<void> {
  const rows = roots.map(
    ({ conversationId, seq, revision, thread }) =>
      Prisma.sql`SELECT ${BigInt(conversationId)} AS conversation_id, ${seq} AS seq, ${revision} AS revision,
        ${thread?.replyCount} AS reply_count, ${thread?.lastReplySeq} AS last_reply_seq,
        CAST(${thread?.lastReplyAt} AS DATETIME(3)) AS last_reply_at`,
  );
  await tx.$executeRaw`
    UPDATE messages m
    JOIN (${Prisma.join(rows, " UNION ALL ")}) answered
      ON m.conversation_id = answered.conversation_id AND m.seq = answered.seq
    SET m.revision = answered.revision, m.reply_count = answered.reply_count,
      m.last_reply_seq = answered.last_reply_seq, m.last_reply_at = answered.last_reply_at`;
}

/**
 * Who posts follows, and has read the thread so far. Who began it and who is mentioned follow unless they have said no;
 * their rows come without a watermark.
 */
async function followByPosting(
  tx: Transaction,
  replies: StoredMessage[],
  roots: AnsweredRoot[],
): Promise<void> {
  const rootOf = new Map(roots.map((answered) => [answered.root.id, answered]));
  const rows = replies.flatMap((reply) => {
    const rootId = reply.threadRootId as string;
    const answered = rootOf.get(rootId);
    const named = [answered?.root.senderId ?? reply.senderId, ...reply.mentions];
    const row = (userId: UserId, readSeq: number) =>
      Prisma.sql`(${userId}, ${BigInt(rootId)}, ${BigInt(reply.conversationId)}, TRUE, ${readSeq})`;
    return [
      ...named
        .filter((userId) => userId !== reply.senderId && userId !== answered?.unheardBy)
        .map((userId) => row(userId, 0)),
      row(reply.senderId, reply.seq),
    ];
  });
  await tx.$executeRaw`
    INSERT INTO thread_members (user_id, root_id, conversation_id, following, read_seq) VALUES ${Prisma.join(rows)}
    ON DUPLICATE KEY UPDATE following = IF(VALUES(read_seq) > 0, TRUE, COALESCE(following, TRUE)),
      read_seq = GREATEST(read_seq, VALUES(read_seq))`;
}
