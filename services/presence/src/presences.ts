/** Answers who is online, from Redis, and from the mirror where Redis cannot say. P9, P10. */
import { ChatError, type Presence, type PresenceStatus, statusAt, type UserId } from "@confab/contract";
import { isUnavailable, type PrismaClient } from "@confab/db";
import { withDeadline } from "@confab/runtime";
import type { PresenceContext } from "./context.ts";
import { findVisible, readMirror } from "./sharing.ts";
import { type PresenceRecord, presenceOf } from "./state.ts";
import { readRecords } from "./store.ts";

/** Whoever asked has given up by then. */
const MYSQL_DEADLINE_MS = 2_000;

/**
 * Those of `userIds` whom the viewer may see.
 * @throws ChatError `unavailable`, `timeout`: MySQL, which alone knows who may see whom, cannot be asked
 */
export async function getPresences(
  ctx: PresenceContext,
  input: { viewerId: UserId; userIds: readonly UserId[] },
): Promise<Presence[]> {
  const userIds = [...new Set(input.userIds)];
  const [seen, records] = await Promise.all([
    fromMysql(ctx, (prisma) => findVisible(prisma, { viewerId: input.viewerId, userIds })),
    recordsOrAway(ctx, userIds),
  ]);
  const visible = userIds.filter((userId) => seen.has(userId));
  const unknown = visible.filter((userId) => typeof records.get(userId) !== "object");
  const mirror = await fromMysql(ctx, (prisma) => readMirror(prisma, unknown));
  const nowMs = Date.now();
  return visible.map((userId) => ({
    ...presenceOf(userId, { redis: records.get(userId), mirror: mirror.get(userId) }),
    custom: statusAt(seen.get(userId) ?? null, nowMs),
  }));
}

/**
 * The status of each, whoever asks.
 * @throws ChatError `unavailable`: Redis cannot be asked
 */
export async function getStatuses(
  ctx: PresenceContext,
  input: { userIds: readonly UserId[] },
): Promise<Record<UserId, PresenceStatus>> {
  const records = await readRecords(ctx, input.userIds);
  return Object.fromEntries(input.userIds.map((userId, i) => [userId, records[i]?.status ?? "offline"]));
}

async function recordsOrAway(ctx: PresenceContext, userIds: readonly UserId[]) {
  const records = await readRecords(ctx, userIds).catch(() => undefined);
  return new Map<UserId, PresenceRecord | "away" | undefined>(
    userIds.map((userId, i) => [userId, records ? records[i] : "away"]),
  );
}

async function fromMysql<T>(ctx: PresenceContext, work: (prisma: PrismaClient) => Promise<T>): Promise<T> {
  const { prisma } = ctx.db;
  if (!prisma) throw new ChatError("unavailable", { reason: "mysql_away", retryAfterMs: 1000 });
  try {
    return await withDeadline(work(prisma), MYSQL_DEADLINE_MS, "mysql");
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause;
    throw new ChatError("unavailable", { reason: "mysql_away", retryAfterMs: 1000, cause });
  }
}
