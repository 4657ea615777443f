/**
 * P8: one job for one person, who may be owed something. What that is follows from MySQL alone, so the job may
 * run twice, late, or never if the reconciler brings another.
 */
import type { PresenceStatus, UserId } from "@confab/contract";
import { withDeadline } from "@confab/runtime";
import type { DeliveryContext } from "../context.ts";
import { plan } from "../plan.ts";
import { CONVERSATIONS } from "../steps.ts";
import { pushUnpushed } from "./notify.ts";

/** 1,000 conversations; whoever is owed more has the rest from the reconciler. */
const ROUNDS = 20;
const MYSQL_DEADLINE_MS = 6_000;

export async function deliver(ctx: DeliveryContext, input: { userId: UserId }): Promise<void> {
  await notifyOwed(ctx, input.userId);
  await pushUnpushed(ctx, input.userId);
}

async function notifyOwed(ctx: DeliveryContext, userId: UserId): Promise<void> {
  let status: PresenceStatus | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const owed = await withDeadline(ctx.steps.readOwed(userId), MYSQL_DEADLINE_MS, "mysql");
    if (owed.length === 0) return;
    status ??= await ctx.steps.statusOf(userId);
    const actions = plan(owed, { status, now: new Date(ctx.clock.now()) });
    const effect = await withDeadline(ctx.steps.takeEffect({ userId, actions }), MYSQL_DEADLINE_MS, "mysql");
    ctx.countEffect(effect, actions);
    for (const notification of effect.created)
      ctx.fanout.emitToUser(userId, "notification:created", notification);
    const moved = effect.created.length + effect.passed;
    const mayHaveMore = effect.overtaken > 0 || (owed.length === CONVERSATIONS && moved > 0);
    if (!mayHaveMore) return;
  }
}
