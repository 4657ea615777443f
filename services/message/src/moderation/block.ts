/**
 * A block goes both ways and is not told: between two people no message, typing, receipt, presence or notification gets
 * through while either blocks the other. To the one who is blocked all looks as if nobody were there. In groups both
 * stay heard, or one person's block would tear up everybody's conversation.
 */
import { type Block, ChatError, type UserId } from "@confab/contract";
import { type Queries, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireUsers } from "../conversations/create.ts";
import { lockHeads } from "../messages/head.ts";
import { publishTo } from "../publish.ts";
import { toUser, USER_COLUMNS } from "../users/view.ts";
import { lockPair, markBlocks } from "./pairs.ts";

interface BlockRequest {
  actorId: UserId;
  /** Whom it is about. */
  userId: UserId;
}

/** A repeat changes nothing. @throws ChatError `invalid` (oneself), `not_found` (a person who does not exist) */
export async function blockUser(ctx: MessageContext, request: BlockRequest): Promise<void> {
  if (request.actorId === request.userId) throw new ChatError("invalid", { reason: "yourself" });
  await requireUsers(ctx, [request.userId]);
  await changeBlock(ctx, request, true, (tx) => {
    const at = new Date(ctx.clock.now());
    return tx.$executeRaw`
      INSERT IGNORE INTO blocks (blocker_id, blocked_id, created_at)
      VALUES (${request.actorId}, ${request.userId}, ${at})`;
  });
}

/** What was said meanwhile stays unseen. One that is not there changes nothing. */
export async function unblockUser(ctx: MessageContext, request: BlockRequest): Promise<void> {
  await changeBlock(
    ctx,
    request,
    false,
    (tx) =>
      tx.$executeRaw`DELETE FROM blocks WHERE blocker_id = ${request.actorId} AND blocked_id = ${request.userId}`,
  );
}

async function changeBlock(
  ctx: MessageContext,
  { actorId, userId }: BlockRequest,
  blocked: boolean,
  write: (tx: Queries) => Promise<number>,
): Promise<void> {
  const pair = [actorId, userId].sort();
  const changed = await withTransaction(
    ctx.sql,
    async (tx) => {
      await lockPair(tx, pair);
      if ((await write(tx)) === 0) return false;
      const [direct] = await tx.$queryRaw<{ id: bigint }[]>`
        SELECT id FROM conversations WHERE direct_key = ${pair.join(" ")}`;
      if (!direct) return true;
      // Whoever sends holds this lock: what is committed after the block has seen it.
      await lockHeads(tx, [String(direct.id)]);
      await markBlocks(tx, direct.id, pair);
      return true;
    },
    { random: ctx.random },
  );
  if (!changed) return;
  ctx.fanout.announceBlock(pair);
  publishTo(ctx, actorId, "block:changed", { userId, blocked });
}

/** People whom somebody blocks, by their ids. */
export async function listBlocks(
  ctx: MessageContext,
  { userId, cursor, limit }: { userId: UserId; cursor?: UserId | undefined; limit: number },
): Promise<{ items: Block[]; nextCursor: string | null }> {
  const rows = await ctx.prisma.block.findMany({
    where: { blockerId: userId, ...(cursor !== undefined && { blockedId: { gt: cursor } }) },
    orderBy: { blockedId: "asc" },
    take: limit + 1,
  });
  const page = rows.slice(0, limit);
  const users = await ctx.prisma.user.findMany({
    where: { id: { in: page.map((row) => row.blockedId) } },
    select: USER_COLUMNS,
  });
  const byId = new Map(users.map((user) => [user.id, user]));
  return {
    items: page.flatMap((row) => {
      const user = byId.get(row.blockedId);
      return user ? [{ user: toUser(user), createdAt: row.createdAt.toISOString() }] : [];
    }),
    nextCursor: rows.length > limit ? (page.at(-1)?.blockedId ?? null) : null,
  };
}
