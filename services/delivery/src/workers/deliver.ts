/**
 * P8: one job for one person, who may be owed something. What that is follows from MySQL alone, so the job may
 * run twice, late, or never if the reconciler brings another.
 */
import type { PresenceStatus, UserId } from "@confab/contract";
import { PRESENCE_RPC } from "@confab/contract/internal";
import type { PrismaClient } from "@confab/db";
import { withDeadline } from "@confab/runtime";
import type { DeliveryContext } from "../context.ts";
import { takeEffect } from "../effect.ts";
import { readOwed } from "../owed.ts";
import { plan } from "../plan.ts";
import { pushUnpushed } from "./notify.ts";

/** Conversations per transaction: it stays short, and its locks few. */
const CONVERSATIONS = 50;
/** 1,000 conversations; whoever is owed more has the rest from the reconciler. */
const ROUNDS = 20;
const MYSQL_DEADLINE_MS = 6_000;

export async function deliver(ctx: DeliveryContext, input: { userId: UserId }): Promise<void> {
  const prisma = ctx.requireMysql();
  await notifyOwed(ctx, prisma, input.userId);
  await pushUnpushed(ctx, prisma, input.userId);
}

async function notifyOwed(ctx: DeliveryContext, prisma: PrismaClient, userId: UserId): Promise<void> {
  let status: PresenceStatus | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const owed = await withDeadline(
      readOwed(prisma, { userId, limit: CONVERSATIONS }),
      MYSQL_DEADLINE_MS,
      "mysql",
    );
    if (owed.length === 0) return;
    status ??= await statusOf(ctx, userId);
    const now = new Date(ctx.clock.now());
    const actions = plan(owed, { status, now });
    const effect = await withDeadline(
      takeEffect(prisma, { userId, actions, now }),
      MYSQL_DEADLINE_MS,
      "mysql",
    );
    ctx.countEffect(effect, actions);
    for (const notification of effect.created)
      ctx.fanout.emitToUser(userId, "notification:created", notification);
    const moved = effect.created.length + effect.passed;
    const mayHaveMore = effect.overtaken > 0 || (owed.length === CONVERSATIONS && moved > 0);
    if (!mayHaveMore) return;
  }
}

/** Without an answer the person counts as offline: a notification too many is better than none. */
async function statusOf(ctx: DeliveryContext, userId: UserId): Promise<PresenceStatus> {
  try {
    const { statuses } = await ctx.presence.call(PRESENCE_RPC.getStatuses, { userIds: [userId] });
    return statuses[userId] ?? "offline";
  } catch (error) {
    ctx.log.debug({ userId, err: (error as Error).message }, "presence does not answer");
    return "offline";
  }
}
