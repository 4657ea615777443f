/**
 * Pushes what was written and not yet pushed, of this run or one that ended too early. At least once: a process
 * that ends between the push and the note of it pushes again, with the same tag.
 */
import type { UserId } from "@confab/contract";
import { withDeadline } from "@confab/runtime";
import type { DeliveryContext } from "../context.ts";
import type { PushMessage } from "../push/push.ts";
import type { Unpushed } from "../unpushed.ts";

const MYSQL_DEADLINE_MS = 5_000;

/** @throws whatever the way of pushing throws, once the others were pushed: BullMQ runs the job again */
export async function pushUnpushed(ctx: DeliveryContext, userId: UserId): Promise<void> {
  const rows = await withDeadline(ctx.steps.readUnpushed(userId), MYSQL_DEADLINE_MS, "mysql");
  if (rows.length === 0) return;
  const results = await Promise.allSettled(
    rows.map((row) => withDeadline(ctx.push.send(asMessage(row)), ctx.config.push.deadlineMs, "push")),
  );
  const pushed = rows.filter((_, i) => results[i]?.status === "fulfilled").map((row) => row.id);
  ctx.countPushes({ pushed: pushed.length, failed: rows.length - pushed.length });
  if (pushed.length > 0) await withDeadline(ctx.steps.notePushed(pushed), MYSQL_DEADLINE_MS, "mysql");
  const failure = results.find((result) => result.status === "rejected");
  if (failure) throw failure.reason;
}

const asMessage = (row: Unpushed): PushMessage => ({
  tag: `notification-${row.id}`,
  userId: row.user_id,
  conversationId: String(row.conversation_id),
  fromSeq: Number(row.from_seq),
  toSeq: Number(row.to_seq),
});
