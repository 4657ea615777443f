import type { ConversationId, PersonalState, UserId } from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";

/** What `SELECT ${PERSONAL_COLUMNS} FROM conversation_members m` gives. */
export interface PersonalRecord {
  conversation_id: bigint;
  personal_revision: bigint | number;
  muted_until: Date | null;
  pinned_at: Date | null;
  archived_at: Date | null;
  unread_seq: bigint | number | null;
}

export const PERSONAL_COLUMNS = Prisma.sql`m.conversation_id, m.personal_revision, m.muted_until, m.pinned_at,
  m.archived_at, m.unread_seq`;

export const toPersonal = (record: PersonalRecord): PersonalState => ({
  conversationId: String(record.conversation_id),
  revision: Number(record.personal_revision),
  mutedUntil: record.muted_until?.toISOString() ?? null,
  pinnedAt: record.pinned_at?.toISOString() ?? null,
  archivedAt: record.archived_at?.toISOString() ?? null,
  unreadFromSeq: record.unread_seq === null ? null : Number(record.unread_seq),
});

/** What somebody has of their own in each of these conversations; those that they are not in are absent. */
export async function loadPersonal(
  db: Queries,
  userId: UserId,
  conversationIds: ConversationId[],
): Promise<Map<ConversationId, PersonalState>> {
  if (conversationIds.length === 0) return new Map();
  const records = await db.$queryRaw<PersonalRecord[]>`
    SELECT ${PERSONAL_COLUMNS} FROM conversation_members m
    WHERE m.user_id = ${userId} AND m.left_at IS NULL
      AND m.conversation_id IN (${Prisma.join(conversationIds.map(BigInt))})`;
  return new Map(records.map(toPersonal).map((state) => [state.conversationId, state]));
}
