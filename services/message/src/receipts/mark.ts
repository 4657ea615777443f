/**
 * P6: watermarks only move forward, also when marks arrive late, twice or in the wrong order: read ≤ delivered ≤ head.
 * A batch of any size is one query and one statement; what moves nothing writes nothing and is not published. Reading
 * ends a mark as unread, which is the person's own and told to them alone.
 */
import { ChatError, type Watermarks } from "@confab/contract";
import type { ReceiptItem } from "@confab/contract/internal";
import { Prisma, type Queries, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { memberKey } from "../conversations/access.ts";
import { audienceOf } from "../messages/head.ts";
import { type EndedUnread, endUnread } from "../personal/change.ts";
import { publish, publishTo } from "../publish.ts";
import { findLargeGroups } from "./large-groups.ts";

/** One member's watermarks, before and after a batch. */
interface Mark {
  place: { id: string; kind: "direct" | "group"; directKey: string | null };
  userId: string;
  lastSeq: number;
  /** One of two people blocks the other: neither hears how far the other one reads. */
  isFrozen: boolean;
  /** Marked unread from here on. */
  unreadFromSeq: number | null;
  endsUnread: boolean;
  before: { deliveredSeq: number; readSeq: number };
  after: { deliveredSeq: number; readSeq: number };
}

/**
 * Moves watermarks; answers with where they are, or `not_found` for who is not in the conversation, in the items'
 * order. Everybody concerned hears once of each watermark that moved; in a large group, and where one of two people
 * blocks the other, that is the person alone.
 * @throws what the database threw; then nothing has moved, unless it was lost at commit
 */
export async function markReceipts(
  ctx: MessageContext,
  items: ReceiptItem[],
): Promise<(Watermarks | ChatError)[]> {
  const { marks, ended } = await withTransaction(ctx.sql, (tx) => storeMarks(tx, items), {
    random: ctx.random,
  });
  for (const { userId, state } of ended) publishTo(ctx, userId, "personal:updated", { state });
  await tell(ctx, [...marks.values()].filter(hasMoved));
  return items.map(({ userId, conversationId }) => {
    const mark = marks.get(memberKey(conversationId, userId));
    return mark ? toWatermarks(mark) : new ChatError("not_found", { reason: "conversation" });
  });
}

async function tell(ctx: MessageContext, moved: Mark[]): Promise<void> {
  const groups = moved.filter(({ place }) => place.kind === "group").map(({ place }) => place.id);
  const large = await findLargeGroups(ctx, groups);
  for (const mark of moved) {
    const watermarks = { ...toWatermarks(mark), before: mark.before };
    if (mark.isFrozen || large.has(mark.place.id)) publishTo(ctx, mark.userId, "receipt:updated", watermarks);
    else publish(ctx, audienceOf(mark.place), "receipt:updated", watermarks);
  }
}

interface Stored {
  marks: Map<string, Mark>;
  /** Whose marks as unread are no more. */
  ended: EndedUnread[];
}

async function storeMarks(tx: Queries, items: ReceiptItem[]): Promise<Stored> {
  const marks = await readMarks(tx, items);
  for (const item of items) {
    const mark = marks.get(memberKey(item.conversationId, item.userId));
    if (!mark) continue;
    mark.after = advance(mark.after, item, mark.lastSeq);
    // It lies below the watermark, so a repeat of an old mark ends it, too: whoever sends one is looking.
    if (mark.unreadFromSeq !== null && (item.readSeq ?? 0) >= mark.unreadFromSeq) mark.endsUnread = true;
  }
  const moved = [...marks.values()].filter(hasMoved);
  if (moved.length > 0) await writeMarks(tx, moved);
  const over = [...marks.values()].filter((mark) => mark.endsUnread);
  return {
    marks,
    ended: await endUnread(
      tx,
      over.map(({ place, userId }) => ({ conversationId: place.id, userId })),
    ),
  };
}

/** Where watermarks are after a mark: never back, never beyond the head, and what is read was delivered. */
export function advance(
  from: { deliveredSeq: number; readSeq: number },
  mark: { deliveredSeq?: number | undefined; readSeq?: number | undefined },
  lastSeq: number,
): { deliveredSeq: number; readSeq: number } {
  const readSeq = Math.max(from.readSeq, Math.min(mark.readSeq ?? 0, lastSeq));
  const deliveredSeq = Math.max(from.deliveredSeq, readSeq, Math.min(mark.deliveredSeq ?? 0, lastSeq));
  return { deliveredSeq, readSeq };
}

const hasMoved = ({ before, after }: Mark): boolean =>
  after.deliveredSeq > before.deliveredSeq || after.readSeq > before.readSeq;

const toWatermarks = ({ place, userId, after }: Mark): Watermarks => ({
  conversationId: place.id,
  userId,
  ...after,
});

interface MarkRecord {
  conversation_id: bigint;
  user_id: string;
  delivered_seq: bigint;
  read_seq: bigint;
  is_frozen: bigint;
  unread_seq: bigint | number | null;
  kind: "direct" | "group";
  direct_key: string | null;
  last_seq: bigint;
}

/** Those of the batch who are in their conversations now, in the order in which rows are locked everywhere. */
async function readMarks(tx: Queries, items: ReceiptItem[]): Promise<Map<string, Mark>> {
  const byConversation = Map.groupBy(items, (item) => item.conversationId);
  const pairs = [...byConversation].map(([conversationId, marks]) => {
    const people = [...new Set(marks.map((mark) => mark.userId))];
    return Prisma.sql`(m.conversation_id = ${BigInt(conversationId)} AND m.user_id IN (${Prisma.join(people)}))`;
  });
  const records = await tx.$queryRaw<MarkRecord[]>`
    SELECT m.conversation_id, m.user_id, m.delivered_seq, m.read_seq, m.unread_seq,
      m.blocks_peer OR m.blocked_by_peer AS is_frozen, c.kind, c.direct_key, c.last_seq
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.left_at IS NULL AND (${Prisma.join(pairs, " OR ")})
    ORDER BY m.conversation_id, m.user_id`;
  return new Map(
    records.map((record) => {
      const id = String(record.conversation_id);
      const at = { deliveredSeq: Number(record.delivered_seq), readSeq: Number(record.read_seq) };
      const place = { id, kind: record.kind, directKey: record.direct_key };
      const mark = {
        place,
        userId: record.user_id,
        lastSeq: Number(record.last_seq),
        isFrozen: Boolean(record.is_frozen),
        unreadFromSeq: record.unread_seq === null ? null : Number(record.unread_seq),
        endsUnread: false,
        before: at,
        after: at,
      };
      return [memberKey(id, record.user_id), mark];
    }),
  );
}

/** Another process may have moved them meanwhile: the later one wins column by column. */
async function writeMarks(tx: Queries, marks: Mark[]): Promise<void> {
  const rows = marks.map(
    ({ place, userId, after }) =>
      Prisma.sql`SELECT ${BigInt(place.id)} AS conversation_id, ${userId} AS user_id,
        ${after.deliveredSeq} AS delivered_seq, ${after.readSeq} AS read_seq`,
  );
  await tx.$executeRaw`
    UPDATE conversation_members m
    JOIN (${Prisma.join(rows, " UNION ALL ")}) moved
      ON m.conversation_id = moved.conversation_id AND m.user_id = moved.user_id
    SET m.delivered_seq = GREATEST(m.delivered_seq, moved.delivered_seq),
      m.read_seq = GREATEST(m.read_seq, moved.read_seq)
    WHERE m.left_at IS NULL`;
}
