/** P9: presence is for those who share a conversation. */
import type { UserId } from "@confab/contract";
import { Prisma, type PrismaClient } from "@confab/db";
import type { PresenceRecord } from "./state.ts";

/** Which of these share a conversation with the viewer that neither has left; the viewer always does. */
export async function findSharing(
  prisma: PrismaClient,
  input: { viewerId: UserId; userIds: readonly UserId[] },
): Promise<Set<UserId>> {
  const { viewerId } = input;
  const others = input.userIds.filter((userId) => userId !== viewerId);
  const sharing = new Set(others.length < input.userIds.length ? [viewerId] : []);
  if (others.length === 0) return sharing;
  const rows = await prisma.$queryRaw<{ user_id: UserId }[]>`
    SELECT DISTINCT other.user_id
    FROM conversation_members AS other
    JOIN conversation_members AS own ON own.conversation_id = other.conversation_id
    WHERE own.user_id = ${viewerId} AND own.left_at IS NULL
      AND other.user_id IN (${Prisma.join(others)}) AND other.left_at IS NULL`;
  for (const row of rows) sharing.add(row.user_id);
  return sharing;
}

/** What the mirror knows of these people. */
export async function readMirror(
  prisma: PrismaClient,
  userIds: readonly UserId[],
): Promise<Map<UserId, PresenceRecord>> {
  if (userIds.length === 0) return new Map();
  const rows = await prisma.userPresence.findMany({ where: { userId: { in: [...userIds] } } });
  return new Map(
    rows.map(({ userId, status, lastSeenAt }) => [userId, { status, lastSeenAtMs: lastSeenAt.getTime() }]),
  );
}
