/**
 * P8: the effect of deliveries, exactly once. Watermarks move and notifications are written in one transaction, and
 * only where both watermarks are still where the plan saw them: a second run of the same job, at the same time or
 * after a crash, finds them moved; so does a run that a device has overtaken.
 */
import type { Notification, UserId } from "@confab/contract";
import { Prisma, type SqlPool, type Transaction, withTransaction } from "@confab/db";
import { type Action, firstOwedSeq, type Owed } from "./plan.ts";

/** What is to be done for one person. */
export interface Plan {
  userId: UserId;
  actions: readonly Action[];
}

export interface Effect {
  created: Notification[];
  /** Watermarks that were moved without a word. */
  passed: number;
  /** Conversations whose watermarks moved in the meantime. */
  overtaken: number;
}

interface Step extends Action {
  effect: Effect;
  userId: UserId;
  owed: Owed;
}

/** In one transaction of three round trips, however many there are; the effects in the order of the plans. */
export async function takeEffects(sql: SqlPool, plans: readonly Plan[], now: Date): Promise<Effect[]> {
  return withTransaction(sql, async (tx) => {
    const effects = plans.map((): Effect => ({ created: [], passed: 0, overtaken: 0 }));
    const steps = plans.flatMap(({ userId, actions }, index) =>
      actions
        .filter(({ kind }) => kind !== "wait")
        .map((action): Step => ({ ...action, userId, effect: effects[index] as Effect })),
    );
    if (steps.length === 0) return effects;
    const unmoved = await lockUnmoved(tx, steps);
    const own = steps.filter((step) => {
      // Each place once, also when two jobs of one person meet here.
      const isOwn = unmoved.delete(placeOf(step));
      if (!isOwn) step.effect.overtaken += 1;
      else if (step.kind === "pass") step.effect.passed += 1;
      return isOwn;
    });
    if (own.length > 0) await write(tx, own, now);
    return effects;
  });
}

const placeOf = ({ userId, owed }: Pick<Step, "userId" | "owed">): string =>
  [owed.conversationId, userId, owed.notifiedSeq, owed.deliveredSeq].join(" ");

interface PlaceRecord {
  conversation_id: bigint;
  user_id: string;
  notified_seq: bigint | number;
  delivered_seq: bigint | number;
}

/** Where the watermarks are, in the order in which rows are locked everywhere; nobody moves them now. */
async function lockUnmoved(tx: Transaction, steps: Step[]): Promise<Set<string>> {
  const pairs = [...Map.groupBy(steps, ({ owed }) => owed.conversationId)].map(([conversationId, own]) => {
    const people = Prisma.join([...new Set(own.map(({ userId }) => userId))]);
    return Prisma.sql`(conversation_id = ${BigInt(conversationId)} AND user_id IN (${people}))`;
  });
  const records = await tx.$queryRaw<PlaceRecord[]>`
    SELECT conversation_id, user_id, notified_seq, delivered_seq FROM conversation_members
    WHERE left_at IS NULL AND (${Prisma.join(pairs, " OR ")})
    ORDER BY conversation_id, user_id FOR UPDATE`;
  return new Set(
    records.map((record) =>
      [record.conversation_id, record.user_id, record.notified_seq, record.delivered_seq].join(" "),
    ),
  );
}

interface NotificationRecord {
  id: bigint;
  user_id: string;
  conversation_id: bigint;
  from_seq: bigint | number;
}

async function write(tx: Transaction, steps: Step[], now: Date): Promise<void> {
  const places = steps.map(
    ({ userId, owed }) => Prisma.sql`
      SELECT ${BigInt(owed.conversationId)} AS conversation_id, ${userId} AS user_id, ${owed.lastSeq} AS last_seq`,
  );
  const move = Prisma.sql`
    UPDATE conversation_members m
    JOIN (${Prisma.join(places, " UNION ALL ")}) moved
      ON m.conversation_id = moved.conversation_id AND m.user_id = moved.user_id
    SET m.notified_seq = moved.last_seq`;
  const notified = steps.filter(({ kind }) => kind === "notify");
  const [, , written] = await tx.$together(
    notified.length === 0 ? [move] : [move, ...writeNotifications(notified, now)],
  );
  const ids = new Map(
    ((written ?? []) as NotificationRecord[]).map((record) => [
      [record.user_id, record.conversation_id, record.from_seq].join(" "),
      String(record.id),
    ]),
  );
  for (const { effect, userId, owed } of notified) {
    const { conversationId, lastSeq: toSeq } = owed;
    const fromSeq = firstOwedSeq(owed);
    const id = ids.get([userId, conversationId, fromSeq].join(" ")) as string;
    effect.created.push({ id, conversationId, fromSeq, toSeq, createdAt: now.toISOString() });
  }
}

/** Writes them, and asks which ids they were given. */
function writeNotifications(steps: Step[], now: Date): Prisma.Sql[] {
  const rows = steps.map(
    ({ userId, owed }) =>
      Prisma.sql`(${userId}, ${BigInt(owed.conversationId)}, ${firstOwedSeq(owed)}, ${owed.lastSeq}, ${now})`,
  );
  const keys = steps.map(
    ({ userId, owed }) => Prisma.sql`(user_id = ${userId}
      AND conversation_id = ${BigInt(owed.conversationId)} AND from_seq = ${firstOwedSeq(owed)})`,
  );
  return [
    Prisma.sql`INSERT INTO notifications (user_id, conversation_id, from_seq, to_seq, created_at)
      VALUES ${Prisma.join(rows)}`,
    Prisma.sql`SELECT id, user_id, conversation_id, from_seq FROM notifications
      WHERE ${Prisma.join(keys, " OR ")}`,
  ];
}
