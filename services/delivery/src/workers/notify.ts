/**
 * Pushes what was written and not yet pushed, of this run or one that ended too early. At least once: a process
 * that ends between the push and the note of it pushes again, with the same tag.
 */
import type { UserId } from "@confab/contract";
import type { PrismaClient } from "@confab/db";
import { withDeadline } from "@confab/runtime";
import type { DeliveryContext } from "../context.ts";
import type { PushMessage } from "../push/push.ts";

interface Row {
  id: bigint;
  conversation_id: bigint;
  from_seq: number | bigint;
  to_seq: number | bigint;
}

/** A job's own deadline is its lock; the rest is pushed by the next job. */
const PUSHES = 100;
const MYSQL_DEADLINE_MS = 5_000;

/** @throws whatever the way of pushing throws, once the others were pushed: BullMQ runs the job again */
export async function pushUnpushed(
  ctx: DeliveryContext,
  prisma: PrismaClient,
  userId: UserId,
): Promise<void> {
  const rows = await withDeadline(readUnpushed(ctx, prisma, userId), MYSQL_DEADLINE_MS, "mysql");
  if (rows.length === 0) return;
  const results = await Promise.allSettled(
    rows.map((row) =>
      withDeadline(ctx.push.send(asMessage(userId, row)), ctx.config.push.deadlineMs, "push"),
    ),
  );
  const pushed = rows.filter((_, i) => results[i]?.status === "fulfilled").map((row) => row.id);
  ctx.countPushes({ pushed: pushed.length, failed: rows.length - pushed.length });
  if (pushed.length > 0) {
    const noted = prisma.notification.updateMany({
      where: { id: { in: pushed }, pushedAt: null },
      data: { pushedAt: new Date(ctx.clock.now()) },
    });
    await withDeadline(noted, MYSQL_DEADLINE_MS, "mysql");
  }
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
}

/** What a device has received in the meantime is no longer pushed; somebody who is not to be disturbed is not now. */
async function readUnpushed(ctx: DeliveryContext, prisma: PrismaClient, userId: UserId): Promise<Row[]> {
  const since = new Date(ctx.clock.now() - ctx.config.push.maxAgeMs);
  return prisma.$queryRaw<Row[]>`
    SELECT n.id, n.conversation_id, n.from_seq, n.to_seq
    FROM notifications AS n
    JOIN conversation_members AS m ON m.conversation_id = n.conversation_id AND m.user_id = n.user_id
    JOIN users AS u ON u.id = n.user_id
    WHERE n.user_id = ${userId} AND n.pushed_at IS NULL AND n.created_at > ${since}
      AND m.delivered_seq < n.to_seq AND m.left_at IS NULL
      AND (u.dnd_until IS NULL OR u.dnd_until <= ${new Date(ctx.clock.now())})
    ORDER BY n.id
    LIMIT ${PUSHES}`;
}

const asMessage = (userId: UserId, row: Row): PushMessage => ({
  tag: `notification-${row.id}`,
  userId,
  conversationId: String(row.conversation_id),
  fromSeq: Number(row.from_seq),
  toSeq: Number(row.to_seq),
});
