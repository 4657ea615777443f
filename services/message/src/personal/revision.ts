import type { UserId } from "@confab/contract";
import type { Queries } from "@confab/db";

/**
 * One more change of what is a person's own. Their row stays locked until the transaction ends, so these revisions are
 * dense and committed in order: a device that knows one of them misses nothing after it. INVARIANT: whatever else is
 * locked in the transaction was locked before, or two of them could wait for each other.
 */
export async function nextPersonalRevision(tx: Queries, userId: UserId): Promise<number> {
  await tx.$executeRaw`UPDATE users SET personal_revision = personal_revision + 1 WHERE id = ${userId}`;
  return readPersonalRevision(tx, userId);
}

/** How far what is a person's own has come; 0 as long as they have changed nothing. */
export async function readPersonalRevision(db: Queries, userId: UserId): Promise<number> {
  const [row] = await db.$queryRaw<{ personal_revision: bigint | number }[]>`
    SELECT personal_revision FROM users WHERE id = ${userId}`;
  return Number(row?.personal_revision ?? 0);
}
