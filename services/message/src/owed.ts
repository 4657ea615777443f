/**
 * P8: who is owed a delivery follows from durable watermarks alone: a member with `delivered_seq < last_seq` and
 * `notified_seq < last_seq`. Any number of processes may ask at once: jobs are deduplicated, and the worker looks at
 * the watermarks again.
 */
import type { ConversationId, UserId } from "@confab/contract";
import { deliverJobId } from "@confab/contract/internal";
import { Prisma } from "@confab/db";
import { withDeadline } from "@confab/runtime";
import type { JobsOptions } from "bullmq";
import type { MessageContext } from "./context.ts";

const CONVERSATIONS_PER_QUERY = 500;
const JOBS_PER_CALL = 500;
/** BullMQ waits for ever for a Redis that hangs (research/reliability.md 2.9). */
const QUEUE_DEADLINE_MS = 2000;

/**
 * No `jobId`: with one, BullMQ 6.7 forgets the wake-up that comes while the job runs (tried). With deduplication
 * alone it runs once more afterwards.
 */
const jobOptions = (userId: UserId): JobsOptions => ({
  deduplication: { id: deliverJobId(userId), keepLastIfActive: true },
  attempts: 10,
  backoff: { type: "exponential", delay: 1000 },
  removeOnComplete: true,
  removeOnFail: true,
});

/**
 * One job for each person who is behind in any of these conversations; how many. Whoever wrote the last message has
 * been there.
 * @throws ChatError `timeout`, and what MySQL or Redis threw
 */
export async function enqueueOwed(ctx: MessageContext, conversationIds: ConversationId[]): Promise<number> {
  let added = 0;
  for (let start = 0; start < conversationIds.length; start += CONVERSATIONS_PER_QUERY) {
    const people = await findOwed(ctx, conversationIds.slice(start, start + CONVERSATIONS_PER_QUERY));
    for (let first = 0; first < people.length; first += JOBS_PER_CALL) {
      const jobs = people.slice(first, first + JOBS_PER_CALL).map((userId) => ({
        name: "deliver",
        data: { userId },
        opts: jobOptions(userId),
      }));
      await withDeadline(ctx.deliverQueue.addBulk(jobs), QUEUE_DEADLINE_MS, "queue");
    }
    added += people.length;
  }
  return added;
}

async function findOwed(ctx: MessageContext, conversationIds: ConversationId[]): Promise<UserId[]> {
  const rows = await ctx.sql.$queryRaw<{ user_id: string }[]>`
    SELECT DISTINCT m.user_id
    FROM conversations c
    JOIN messages l ON l.conversation_id = c.id AND l.seq = c.last_seq
    JOIN conversation_members m ON m.conversation_id = c.id AND m.user_id <> l.sender_id
    WHERE c.id IN (${Prisma.join(conversationIds.map(BigInt))})
      AND m.left_at IS NULL AND m.delivered_seq < c.last_seq AND m.notified_seq < c.last_seq`;
  return rows.map((row) => row.user_id);
}

/** One job for everybody who is owed in any conversation with a message since then; how many. Throws as `enqueueOwed`. */
export async function reconcile(ctx: MessageContext, since: Date): Promise<number> {
  // Younger ones are the settle pass's, whose devices are still being waited for.
  const until = new Date(ctx.clock.now() - ctx.config.owed.settleMs);
  let added = 0;
  let last = { id: 0n, at: since };
  for (;;) {
    const rows = await ctx.sql.$queryRaw<{ id: bigint; at: Date }[]>`
      SELECT id, last_message_at AS at FROM conversations
      WHERE last_message_at BETWEEN ${last.at} AND ${until} AND NOT (last_message_at = ${last.at} AND id <= ${last.id})
      ORDER BY last_message_at, id LIMIT ${CONVERSATIONS_PER_QUERY}`;
    added += await enqueueOwed(
      ctx,
      rows.map((row) => String(row.id)),
    );
    if (rows.length < CONVERSATIONS_PER_QUERY) return added;
    last = rows.at(-1) ?? last;
  }
}
