import type { MessageId, ThreadState, UserId } from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";
import type { StoredMessage } from "../messages/row.ts";
import { countThreadUnread } from "./unread.ts";

interface StateRecord {
  root_id: bigint;
  following: number | boolean;
  read_seq: bigint | number;
}

/**
 * What somebody has of these threads, in the roots' order. Whoever has nothing of it follows it not, and has read it as
 * far as nothing was said.
 */
export async function loadThreadStates(
  db: Queries,
  userId: UserId,
  roots: Pick<StoredMessage, "id" | "conversationId">[],
): Promise<ThreadState[]> {
  if (roots.length === 0) return [];
  const records = await db.$queryRaw<StateRecord[]>`
    SELECT root_id, following, read_seq FROM thread_members
    WHERE user_id = ${userId} AND root_id IN (${Prisma.join(roots.map((root) => BigInt(root.id)))})`;
  const held = new Map<MessageId, StateRecord>(records.map((record) => [String(record.root_id), record]));
  const positions = roots.map(({ id, conversationId }) => ({
    rootId: id,
    conversationId,
    readSeq: Number(held.get(id)?.read_seq ?? 0),
  }));
  const unread = await countThreadUnread(db, userId, positions);
  return positions.map((position) => ({
    ...position,
    following: Boolean(held.get(position.rootId)?.following),
    unreadCount: unread.get(position.rootId) ?? 0,
  }));
}
