/**
 * P8: who is owed a delivery follows from durable watermarks alone: a member with `delivered_seq < last_seq` and
 * `notified_seq < last_seq`. Any number of processes may ask at once: jobs are deduplicated, and the worker looks at
 * the watermarks again.
 */
import type { ConversationId, UserId } from "@confab/contract";
import { deliverJobId, PRESENCE_RPC } from "@confab/contract/internal";
import { Prisma } from "@confab/db";
import { withDeadline } from "@confab/runtime";
import type { JobsOptions } from "bullmq";
import type { MessageContext } from "./context.ts";

const CONVERSATIONS_PER_QUERY = 500;
const JOBS_PER_CALL = 500;
const STATUSES_PER_CALL = 1000;
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
 * One job for each person who is behind in any of these conversations, unless they are online; how many. Whoever wrote
 * the last message has been there.
 * @throws ChatError `timeout`, and what MySQL or Redis threw
 */
export async function enqueueOwed(ctx: MessageContext, conversationIds: ConversationId[]): Promise<number> {
  let added = 0;
  for (let start = 0; start < conversationIds.length; start += CONVERSATIONS_PER_QUERY) {
    const owed = await findOwed(ctx, conversationIds.slice(start, start + CONVERSATIONS_PER_QUERY));
    const people = await withoutOnline(ctx, owed);
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

interface OwedPerson {
  userId: UserId;
  /** Is not to be told of some of it, as of now: that is settled at once, and not made up for later. */
  undisturbed: boolean;
}

async function findOwed(ctx: MessageContext, conversationIds: ConversationId[]): Promise<OwedPerson[]> {
  const now = new Date(ctx.clock.now());
  const rows = await ctx.sql.$queryRaw<{ user_id: string; undisturbed: bigint | number }[]>`
    SELECT m.user_id, MAX(COALESCE(m.muted_until > ${now}, FALSE) OR COALESCE(u.dnd_until > ${now}, FALSE)) AS undisturbed
    FROM conversations c
    JOIN messages l ON l.conversation_id = c.id AND l.seq = c.last_seq
    JOIN conversation_members m ON m.conversation_id = c.id AND m.user_id <> l.sender_id
    JOIN users u ON u.id = m.user_id
    WHERE c.id IN (${Prisma.join(conversationIds.map(BigInt))})
      AND m.left_at IS NULL AND m.delivered_seq < c.last_seq AND m.notified_seq < c.last_seq
    GROUP BY m.user_id`;
  return rows.map((row) => ({ userId: row.user_id, undisturbed: Number(row.undisturbed) === 1 }));
}

/**
 * Somebody online would be left to the reconciler by the worker, at the price of a job for each beat of a conversation:
 * many clients never say what they have received. Without an answer from presence nobody counts as online.
 */
async function withoutOnline(ctx: MessageContext, owed: OwedPerson[]): Promise<UserId[]> {
  const asked = owed.filter(({ undisturbed }) => !undisturbed).map(({ userId }) => userId);
  const online = new Set<UserId>();
  try {
    for (let first = 0; first < asked.length; first += STATUSES_PER_CALL) {
      const userIds = asked.slice(first, first + STATUSES_PER_CALL);
      const { statuses } = await ctx.presence.call(PRESENCE_RPC.getStatuses, { userIds });
      for (const userId of userIds) if (statuses[userId] === "online") online.add(userId);
    }
  } catch (error) {
    ctx.log.debug({ err: (error as Error).message }, "presence does not answer");
  }
  return owed.map(({ userId }) => userId).filter((userId) => !online.has(userId));
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
