/**
 * What a reply costs beside its own row: one row that leads to it, and its root's, whose count and revision rise. What
 * is said outside of threads costs nothing of it.
 */
import type { UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { AnsweredRoot, Plan } from "../messages/plan.ts";
import type { StoredMessage } from "../messages/row.ts";

/** Writes what belongs to new replies. INVARIANT: their conversations are locked by the transaction that runs it. */
export function appendReplies({ messages, roots }: Pick<Plan, "messages" | "roots">): Prisma.Sql[] {
  if (roots.length === 0) return [];
  const replies = messages.filter((message) => message.threadRootId !== null);
  return [insertReplies(replies), writeRoots(roots.map(({ root }) => root)), followByPosting(replies, roots)];
}

function insertReplies(replies: StoredMessage[]): Prisma.Sql {
  const rows = replies.map(
    ({ threadRootId, seq }) => Prisma.sql`(${BigInt(threadRootId as string)}, ${seq})`,
  );
  return Prisma.sql`INSERT INTO thread_replies (root_id, seq) VALUES ${Prisma.join(rows)}`;
}

function writeRoots(roots: StoredMessage[]): Prisma.Sql {
  const rows = roots.map(
    ({ conversationId, seq, revision, thread }) =>
      Prisma.sql`SELECT ${BigInt(conversationId)} AS conversation_id, ${seq} AS seq, ${revision} AS revision,
        ${thread?.replyCount} AS reply_count, ${thread?.lastReplySeq} AS last_reply_seq,
        CAST(${thread?.lastReplyAt} AS DATETIME(3)) AS last_reply_at`,
  );
  return Prisma.sql`
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
function followByPosting(replies: StoredMessage[], roots: AnsweredRoot[]): Prisma.Sql {
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
  return Prisma.sql`
    INSERT INTO thread_members (user_id, root_id, conversation_id, following, read_seq) VALUES ${Prisma.join(rows)}
    ON DUPLICATE KEY UPDATE following = IF(VALUES(read_seq) > 0, TRUE, COALESCE(following, TRUE)),
      read_seq = GREATEST(read_seq, VALUES(read_seq))`;
}
