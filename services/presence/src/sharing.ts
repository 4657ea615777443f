/** P9: presence is for those whom the person lets see it: everyone, those who share a conversation, or nobody. */
import type { CustomStatus, UserId } from "@confab/contract";
import { Prisma, type PrismaClient } from "@confab/db";
import type { PresenceRecord } from "./state.ts";

interface VisibleRecord {
  id: UserId;
  status_text: string | null;
  status_emoji: string | null;
  status_expires_at: Date | null;
  dnd_until: Date | null;
}

/**
 * Which of these the viewer may see, and what they say of themselves (run out or not). A conversation that either
 * has left is not shared; everybody sees themselves. Where one of two blocks the other, neither sees anything.
 */
export async function findVisible(
  prisma: PrismaClient,
  { viewerId, userIds }: { viewerId: UserId; userIds: readonly UserId[] },
): Promise<Map<UserId, CustomStatus>> {
  if (userIds.length === 0) return new Map();
  const records = await prisma.$queryRaw<VisibleRecord[]>`
    SELECT u.id, u.status_text, u.status_emoji, u.status_expires_at, u.dnd_until
    FROM users AS u
    WHERE u.id IN (${Prisma.join([...userIds])}) AND (
      u.id = ${viewerId} OR u.presence_privacy = 'everyone' OR (
        u.presence_privacy = 'shared' AND EXISTS (
          SELECT 1 FROM conversation_members AS own
          JOIN conversation_members AS other ON other.conversation_id = own.conversation_id
          WHERE own.user_id = ${viewerId} AND own.left_at IS NULL
            AND other.user_id = u.id AND other.left_at IS NULL
        )
      )
    )
    AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = ${viewerId} AND blocked_id = u.id)
    AND NOT EXISTS (SELECT 1 FROM blocks WHERE blocker_id = u.id AND blocked_id = ${viewerId})`;
  return new Map(
    records.map((record) => [
      record.id,
      {
        text: record.status_text,
        emoji: record.status_emoji,
        expiresAt: record.status_expires_at?.toISOString() ?? null,
        dndUntil: record.dnd_until?.toISOString() ?? null,
      },
    ]),
  );
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
