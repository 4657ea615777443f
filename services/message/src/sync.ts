/**
 * P4: from a cursor, however old, a device is exact again: the messages that changed after it in their present state,
 * the conversation and its members as they are. Asking again from the last message's revision walks any distance.
 */
import {
  ChatError,
  type ConversationId,
  LIMITS,
  type SyncedConversation,
  type SyncReply,
  type UserId,
} from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";
import type { MessageContext } from "./context.ts";
import { IS_SHOWN } from "./conversations/shown.ts";
import {
  CONVERSATION_COLUMNS,
  type ConversationRecord,
  loadMembers,
  toConversation,
  toCounted,
} from "./conversations/view.ts";
import { createJointReads } from "./joint-reads.ts";
import { BY_REVISION, seenBy } from "./messages/list.ts";
import { type MessageRecord, PAGE_COLUMNS, type StoredMessage, toStoredMessage } from "./messages/row.ts";
import { viewMessages } from "./messages/view.ts";

/** A device that comes back to 200 conversations gets a reply of a size that a socket takes in one piece. */
const MESSAGES_PER_REPLY = 1000;

/** Everything that changed after the cursors. Conversations that are not the caller's are `unknown`. */
export async function sync(
  ctx: SyncContext,
  { userId, cursors }: { userId: UserId; cursors: Record<ConversationId, number> },
): Promise<SyncReply> {
  const asked = Object.keys(cursors);
  if (asked.length === 0) return { conversations: [], unknown: [] };
  // INVARIANT: the revisions come first. Whatever is committed later may be in the messages already, never missing.
  const places = await readPlaces(ctx, userId, asked);
  const ids = asked.filter((id) => places.has(id));
  // No message has a revision below its seq, so what the person cannot see need not be walked through.
  const behind = [...places]
    .map(([id, { visible_after_seq, revision }]) => ({
      id,
      after: Math.max(cursors[id] as number, Number(visible_after_seq)),
      head: Number(revision),
    }))
    .filter(({ after, head }) => after < head);
  const [membersOf, changes] = await Promise.all([
    loadMembers(ctx.sql, [...places.values()].map(toCounted), { viewerId: userId }),
    readChanges(ctx, userId, behind),
  ]);
  return {
    conversations: ids.map((id) => {
      const conversation = toConversation(places.get(id) as Place, membersOf.get(id) ?? []);
      const { messages, hasMore } = changes.get(id) ?? { messages: [], hasMore: false };
      const { revision, members } = conversation;
      return { conversationId: id, revision, conversation, members, messages, hasMore };
    }),
    unknown: asked.filter((id) => !places.has(id)),
  };
}

/** All that a sync needs: `sql` may belong to several that go together. */
interface SyncContext {
  sql: Queries;
}

/** Syncs of several people at once, in the round trips of one. */
export async function syncAll(
  ctx: Pick<MessageContext, "sql">,
  items: { userId: UserId; cursors: Record<ConversationId, number> }[],
): Promise<(SyncReply | ChatError)[]> {
  const together = { sql: createJointReads(ctx.sql) };
  return Promise.all(
    items.map((item) =>
      sync(together, item).catch((error: unknown) => {
        if (error instanceof ChatError) return error;
        throw error;
      }),
    ),
  );
}

/** A conversation as it is, and up to which seq nothing is the person's to see. */
type Place = ConversationRecord & { visible_after_seq: bigint | number };

async function readPlaces(
  ctx: SyncContext,
  userId: UserId,
  ids: ConversationId[],
): Promise<Map<ConversationId, Place>> {
  const records = await ctx.sql.$queryRaw<Place[]>`
    SELECT ${CONVERSATION_COLUMNS}, m.visible_after_seq
    FROM JSON_TABLE(${JSON.stringify(ids)}, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) AS asked
    STRAIGHT_JOIN conversation_members m FORCE INDEX (PRIMARY)
      ON m.conversation_id = asked.id AND m.user_id = ${userId}
    STRAIGHT_JOIN conversations c ON c.id = m.conversation_id
    WHERE m.left_at IS NULL AND ${IS_SHOWN}`;
  return new Map(records.map((record) => [String(record.id), record]));
}

type Changes = Pick<SyncedConversation, "messages" | "hasMore">;

/** From where on, and up to which revision the conversation had come. */
interface Behind {
  id: ConversationId;
  after: number;
  head: number;
}

/** One query for most conversations; when many are behind, each gets fewer messages and says that it has more. */
async function readChanges(
  ctx: SyncContext,
  userId: UserId,
  from: Behind[],
): Promise<Map<ConversationId, Changes>> {
  if (from.length === 0) return new Map();
  const limit = Math.min(LIMITS.messagesPerSync, Math.ceil(MESSAGES_PER_REPLY / from.length));
  const next = await readNext(ctx, userId, from, limit + 1);
  const open = from.filter((one) => !isSettled(one, next.get(one.id) ?? [], limit + 1));
  const changed = new Map([...next, ...(await walk(ctx, userId, open, limit + 1))].map(toStored));
  const shown = [...changed.values()].flatMap((list) => list.sort(byRevision).slice(0, limit));
  const views = Map.groupBy(await viewMessages(ctx.sql, shown, userId), (message) => message.conversationId);
  return new Map(
    [...changed].map(([id, list]) => [id, { messages: views.get(id) ?? [], hasMore: list.length > limit }]),
  );
}

type Records = Map<ConversationId, ChangedRecord[]>;
/** `head`: the conversation's revision at the moment at which the message was read. */
type ChangedRecord = MessageRecord & { head?: bigint | number };

const byConversation = (records: ChangedRecord[]): Records =>
  Map.groupBy(records, (record) => String(record.conversation_id));
const toStored = ([id, records]: [ConversationId, ChangedRecord[]]): [ConversationId, StoredMessage[]] => [
  id,
  records.map(toStoredMessage),
];

/**
 * The messages whose revisions are the `count` next ones after each cursor, key by key: a fifth of what a walk costs.
 * Nobody else has those revisions, but not every one of them is still a message's.
 */
async function readNext(ctx: SyncContext, userId: UserId, from: Behind[], count: number): Promise<Records> {
  const asked = from.flatMap(({ id, after, head }) =>
    Array.from({ length: Math.min(count, head - after) }, (_, index) => [id, after + 1 + index]),
  );
  const records = await ctx.sql.$queryRaw<ChangedRecord[]>`
    SELECT ${PAGE_COLUMNS}, c.revision AS head
    FROM JSON_TABLE(${JSON.stringify(asked)}, '$[*]' COLUMNS (
      conversation_id BIGINT UNSIGNED PATH '$[0]', revision INT UNSIGNED PATH '$[1]')) AS asked
    STRAIGHT_JOIN conversation_members v FORCE INDEX (PRIMARY)
      ON v.conversation_id = asked.conversation_id AND v.user_id = ${userId}
    STRAIGHT_JOIN conversations c ON c.id = asked.conversation_id
    STRAIGHT_JOIN messages m FORCE INDEX (ix_messages_revision)
      ON m.conversation_id = asked.conversation_id AND m.revision = asked.revision AND m.seq > v.visible_after_seq
    LEFT JOIN hidden_messages h FORCE INDEX (PRIMARY)
      ON h.user_id = ${userId} AND h.conversation_id = asked.conversation_id AND h.seq = m.seq
    WHERE v.left_at IS NULL AND h.seq IS NULL`;
  return byConversation(records);
}

/**
 * Whether nothing up to the head is missing: each revision that was asked for is a message's, or all of them were asked
 * for and the head has not moved, so no message was taken out of reach by a change meanwhile.
 */
function isSettled({ after, head }: Behind, found: ChangedRecord[], count: number): boolean {
  const asked = Math.min(count, head - after);
  return found.length === asked || (asked === head - after && Number(found[0]?.head) === head);
}

/** Along the index, as far as it takes to find so many. */
async function walk(ctx: SyncContext, userId: UserId, from: Behind[], count: number): Promise<Records> {
  if (from.length === 0) return new Map();
  const branches = from.map(
    ({ id, after }) => Prisma.sql`(
      SELECT ${PAGE_COLUMNS} FROM ${seenBy({ userId, conversationId: id }, BY_REVISION)} AND m.revision > ${after}
      ORDER BY m.revision LIMIT ${count})`,
  );
  return byConversation(await ctx.sql.$queryRaw<ChangedRecord[]>(Prisma.join(branches, " UNION ALL ")));
}

const byRevision = (one: StoredMessage, other: StoredMessage): number => one.revision - other.revision;
