/**
 * What `blocks` says of two people is repeated in their rows of the direct conversation, which every send reads anyway.
 * INVARIANT: both are written under the lock of the two people (`lockPair`), so they cannot part.
 */
import type { UserId } from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";

/** Holds two people, in order of their ids, until the transaction ends. */
export async function lockPair(tx: Queries, pair: UserId[]): Promise<void> {
  await tx.$queryRaw`SELECT id FROM users WHERE id IN (${Prisma.join(pair)}) ORDER BY id FOR UPDATE`;
}

/**
 * Writes into the rows of a direct conversation who of its two people blocks whom; whether one does. As long as one
 * does, both see each other's watermarks where they were when it began.
 */
export async function markBlocks(tx: Queries, conversationId: bigint, pair: UserId[]): Promise<boolean> {
  await lockPair(tx, pair);
  const blocks = await tx.$queryRaw<{ blocker_id: string }[]>`
    SELECT blocker_id FROM blocks WHERE blocker_id IN (${Prisma.join(pair)}) AND blocked_id IN (${Prisma.join(pair)})`;
  const blockers = new Set(blocks.map((block) => block.blocker_id));
  const isBlocked = blockers.size > 0;
  for (const userId of pair) {
    const peerBlocks = pair.some((other) => other !== userId && blockers.has(other));
    await tx.$executeRaw`
      UPDATE conversation_members
      SET blocks_peer = ${blockers.has(userId)}, blocked_by_peer = ${peerBlocks},
        shown_delivered_seq = IF(${isBlocked}, COALESCE(shown_delivered_seq, delivered_seq), NULL),
        shown_read_seq = IF(${isBlocked}, COALESCE(shown_read_seq, read_seq), NULL)
      WHERE conversation_id = ${conversationId} AND user_id = ${userId}`;
  }
  return isBlocked;
}
