/**
 * P8: the effect of a delivery, exactly once. The watermark moves and the notification is written in one
 * transaction, and only if both watermarks are still where the plan saw them: a second run of the same job, at
 * the same time or after a crash, finds them moved; so does a run that a device has overtaken.
 */
import type { Notification, UserId } from "@confab/contract";
import { type ModelTransaction, type PrismaClient, withModels } from "@confab/db";
import { type Action, firstOwedSeq } from "./plan.ts";

export interface Effect {
  created: Notification[];
  /** Watermarks that were moved without a word. */
  passed: number;
  /** Conversations whose watermarks moved in the meantime. */
  overtaken: number;
}

/** Conversations in ascending order of id, so that no two transactions wait for each other in a circle. */
export async function takeEffect(
  prisma: PrismaClient,
  input: { userId: UserId; actions: readonly Action[]; now: Date },
): Promise<Effect> {
  const { userId, now } = input;
  const actions = input.actions.filter(({ kind }) => kind !== "wait");
  if (actions.length === 0) return { created: [], passed: 0, overtaken: 0 };
  return withModels(prisma, async (tx) => {
    const effect: Effect = { created: [], passed: 0, overtaken: 0 };
    for (const { kind, owed } of actions) {
      if (!(await moveNotified(tx, userId, owed))) effect.overtaken += 1;
      else if (kind === "pass") effect.passed += 1;
      else effect.created.push(await writeNotification(tx, { userId, owed, now }));
    }
    return effect;
  });
}

async function moveNotified(tx: ModelTransaction, userId: UserId, owed: Action["owed"]): Promise<boolean> {
  const moved = await tx.$executeRaw`
    UPDATE conversation_members SET notified_seq = ${owed.lastSeq}
    WHERE conversation_id = ${BigInt(owed.conversationId)} AND user_id = ${userId} AND left_at IS NULL
      AND notified_seq = ${owed.notifiedSeq} AND delivered_seq = ${owed.deliveredSeq}`;
  return moved === 1;
}

async function writeNotification(
  tx: ModelTransaction,
  { userId, owed, now }: { userId: UserId; owed: Action["owed"]; now: Date },
): Promise<Notification> {
  const { id } = await tx.notification.create({
    data: {
      userId,
      conversationId: BigInt(owed.conversationId),
      fromSeq: firstOwedSeq(owed),
      toSeq: owed.lastSeq,
      createdAt: now,
    },
    select: { id: true },
  });
  return {
    id: String(id),
    conversationId: owed.conversationId,
    fromSeq: firstOwedSeq(owed),
    toSeq: owed.lastSeq,
    createdAt: now.toISOString(),
  };
}
