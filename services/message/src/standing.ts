/** P4, P9: how far the conversations of people have come, and which groups their sockets hear. */
import { type ConversationId, type Head, type HeadsReply, LIMITS, type UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "./context.ts";
import { IS_SHOWN } from "./conversations/shown.ts";
import { readPersonalRevision } from "./personal/revision.ts";

/** Where somebody stands who connects. */
export interface Standing {
  /** Of their most recently active conversations, with their own watermarks in each. */
  heads: Head[];
  hasMore: boolean;
  /** Every group that they are in. */
  groupIds: ConversationId[];
}

interface StandingRecord {
  user_id: string;
  conversation_id: bigint;
  kind: "direct" | "group";
  revision: bigint;
  last_seq: bigint;
  delivered_seq: bigint;
  read_seq: bigint;
  place: bigint;
}

/** Heads and groups of any number of people in one statement, so that they are of the same moment. */
export async function readStandings(ctx: MessageContext, userIds: UserId[]): Promise<Map<UserId, Standing>> {
  if (userIds.length === 0) return new Map();
  const records = await ctx.sql.$queryRaw<StandingRecord[]>`
    SELECT user_id, conversation_id, kind, revision, last_seq, delivered_seq, read_seq, place FROM (
      SELECT m.user_id, m.conversation_id, c.kind, c.revision, c.last_seq, m.delivered_seq, m.read_seq,
        ROW_NUMBER() OVER (
          PARTITION BY m.user_id ORDER BY COALESCE(c.last_message_at, c.created_at) DESC, c.id DESC) AS place
      FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
      WHERE m.user_id IN (${Prisma.join(userIds)}) AND m.left_at IS NULL AND ${IS_SHOWN}
    ) ranked
    WHERE kind = 'group' OR place <= ${LIMITS.headsPerReady + 1} ORDER BY user_id, place`;
  const byUser = Map.groupBy(records, (record) => record.user_id);
  return new Map(userIds.map((userId) => [userId, toStanding(byUser.get(userId) ?? [])]));
}

const toStanding = (records: StandingRecord[]): Standing => ({
  heads: records.slice(0, LIMITS.headsPerReady).map(toHead),
  hasMore: records.length > LIMITS.headsPerReady,
  groupIds: records.filter(({ kind }) => kind === "group").map((record) => String(record.conversation_id)),
});

const toHead = (record: StandingRecord): Head => ({
  conversationId: String(record.conversation_id),
  revision: Number(record.revision),
  lastSeq: Number(record.last_seq),
  deliveredSeq: Number(record.delivered_seq),
  readSeq: Number(record.read_seq),
});

/** The heads of a person's most recently active conversations. */
export async function listHeads(ctx: MessageContext, userId: UserId): Promise<HeadsReply> {
  const [personalRevision, standings] = await Promise.all([
    readPersonalRevision(ctx.sql, userId),
    readStandings(ctx, [userId]),
  ]);
  const { heads, hasMore } = standings.get(userId) as Standing;
  return { heads, hasMore, personalRevision, serverTime: new Date(ctx.clock.now()).toISOString() };
}

/** A gateway that was deaf for a while asks for all of its people at once; older conversations heal by `ready`. */
const ACTIVE_WITHIN_MS = 24 * 60 * 60_000;

/** Revisions of everybody's recently active conversations, and every group that each of them is in. */
export async function listRevisions(
  ctx: MessageContext,
  userIds: UserId[],
): Promise<{
  revisions: Record<UserId, Record<ConversationId, number>>;
  groupIds: Record<UserId, ConversationId[]>;
}> {
  if (userIds.length === 0) return { revisions: {}, groupIds: {} };
  const since = new Date(ctx.clock.now() - ACTIVE_WITHIN_MS);
  const isActive = Prisma.sql`COALESCE(c.last_message_at, c.created_at) >= ${since}`;
  const rows = await ctx.sql.$queryRaw<
    { user_id: string; id: bigint; kind: string; revision: bigint; is_active: bigint | number }[]
  >`
    SELECT m.user_id, c.id, c.kind, c.revision, ${isActive} AS is_active
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id IN (${Prisma.join(userIds)}) AND m.left_at IS NULL
      AND (c.kind = 'group' OR (${isActive} AND ${IS_SHOWN}))`;
  const byUser = Map.groupBy(rows, (row) => row.user_id);
  return {
    revisions: Object.fromEntries(
      [...byUser].map(([userId, own]) => [
        userId,
        Object.fromEntries(
          own.filter((row) => Number(row.is_active)).map((row) => [String(row.id), Number(row.revision)]),
        ),
      ]),
    ),
    groupIds: Object.fromEntries(
      userIds.map((userId) => [
        userId,
        (byUser.get(userId) ?? []).filter(({ kind }) => kind === "group").map((row) => String(row.id)),
      ]),
    ),
  };
}
