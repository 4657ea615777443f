/** P6 for threads: the watermark of each thread only moves forward; it is the person's own and told to them alone. */
import { ChatError, type MessageId, type ThreadState, type UserId } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import { requireMessage } from "../messages/find.ts";
import type { StoredMessage } from "../messages/row.ts";
import { publishTo } from "../publish.ts";
import { loadThreadStates } from "./state.ts";

export interface ThreadActor {
  userId: UserId;
  rootId: MessageId;
}

/**
 * The first message of a thread, which need not have replies yet.
 * @throws ChatError `not_found` where it is not the person's to see; `invalid`, reason `thread_root`, for a reply
 */
export async function requireRoot(
  ctx: MessageContext,
  { userId, rootId }: ThreadActor,
): Promise<StoredMessage> {
  const root = await requireMessage(ctx, { userId, messageId: rootId });
  if (root.threadRootId !== null) throw new ChatError("invalid", { reason: "thread_root" });
  return root;
}

/** The person has seen the thread up to `seq`. Throws as `requireRoot` does. */
export async function readThread(
  ctx: MessageContext,
  { userId, rootId, seq }: ThreadActor & { seq: number },
): Promise<ThreadState> {
  const { root, state } = await readState(ctx, { userId, rootId });
  const readSeq = Math.min(seq, root.thread?.lastReplySeq ?? 0);
  if (readSeq <= state.readSeq) return state;
  await ctx.sql.$executeRaw`
    INSERT INTO thread_members (user_id, root_id, conversation_id, following, read_seq)
    VALUES (${userId}, ${BigInt(rootId)}, ${BigInt(root.conversationId)}, NULL, ${readSeq})
    ON DUPLICATE KEY UPDATE read_seq = GREATEST(read_seq, ${readSeq})`;
  return tellState(ctx, userId, root);
}

/** Follows a thread, or follows it no longer. Throws as `requireRoot` does. */
export async function followThread(
  ctx: MessageContext,
  { userId, rootId, following }: ThreadActor & { following: boolean },
): Promise<ThreadState> {
  const { root } = await readState(ctx, { userId, rootId });
  // What was said before somebody began to follow is not news to them.
  const readSeq = root.thread?.lastReplySeq ?? 0;
  await ctx.sql.$executeRaw`
    INSERT INTO thread_members (user_id, root_id, conversation_id, following, read_seq)
    VALUES (${userId}, ${BigInt(rootId)}, ${BigInt(root.conversationId)}, ${following}, ${readSeq})
    ON DUPLICATE KEY UPDATE following = ${following}`;
  return tellState(ctx, userId, root);
}

async function readState(ctx: MessageContext, { userId, rootId }: ThreadActor) {
  const root = await requireRoot(ctx, { userId, rootId });
  const [state] = (await loadThreadStates(ctx.sql, userId, [root])) as [ThreadState];
  return { root, state };
}

async function tellState(ctx: MessageContext, userId: UserId, root: StoredMessage): Promise<ThreadState> {
  const [state] = (await loadThreadStates(ctx.sql, userId, [root])) as [ThreadState];
  publishTo(ctx, userId, "thread:updated", { state });
  return state;
}

/** Every thread that the person follows is read to its end. */
export async function readAllThreads(ctx: MessageContext, userId: UserId): Promise<void> {
  const behind = await ctx.sql.$queryRaw<{ root_id: bigint; last_reply_seq: bigint }[]>`
    SELECT t.root_id, r.last_reply_seq FROM thread_members t
    JOIN conversation_members m ON m.conversation_id = t.conversation_id AND m.user_id = t.user_id
    JOIN messages r ON r.id = t.root_id
    WHERE t.user_id = ${userId} AND t.following AND m.left_at IS NULL AND t.read_seq < r.last_reply_seq`;
  for (const row of behind) {
    await readThread(ctx, { userId, rootId: String(row.root_id), seq: Number(row.last_reply_seq) });
  }
}
