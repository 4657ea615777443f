/**
 * P4: from a cursor, however old, a device is exact again: the messages that changed after it in their present state,
 * the conversation and its members as they are. Asking again from the last message's revision walks any distance.
 */
import {
  type ConversationId,
  LIMITS,
  type SyncedConversation,
  type SyncReply,
  type UserId,
} from "@confab/contract";
import { Prisma } from "@confab/db";
import type { MessageContext } from "./context.ts";
import { IS_SHOWN } from "./conversations/shown.ts";
import {
  CONVERSATION_COLUMNS,
  type ConversationRecord,
  loadMembers,
  toConversation,
} from "./conversations/view.ts";
import { notHidden } from "./messages/list.ts";
import { MESSAGE_COLUMNS, type MessageRecord, type StoredMessage, toStoredMessage } from "./messages/row.ts";
import { viewMessages } from "./messages/view.ts";

/** A device that comes back to 200 conversations gets a reply of a size that a socket takes in one piece. */
const MESSAGES_PER_REPLY = 1000;

/** Everything that changed after the cursors. Conversations that are not the caller's are `unknown`. */
export async function sync(
  ctx: MessageContext,
  { userId, cursors }: { userId: UserId; cursors: Record<ConversationId, number> },
): Promise<SyncReply> {
  const asked = Object.keys(cursors);
  if (asked.length === 0) return { conversations: [], unknown: [] };
  // INVARIANT: the revisions come first. Whatever is committed later may be in the messages already, never missing.
  const places = await readPlaces(ctx, userId, asked);
  const ids = asked.filter((id) => places.has(id));
  const behind = [...places].filter(([id, { revision }]) => (cursors[id] as number) < Number(revision));
  // No message has a revision below its seq, so what the person cannot see need not be walked through.
  const from = behind.map(([id, { visible_after_seq }]) => ({
    id,
    after: Math.max(cursors[id] as number, Number(visible_after_seq)),
  }));
  const [membersOf, changes] = await Promise.all([
    loadMembers(ctx.sql, ids, { viewerId: userId }),
    readChanges(ctx, userId, from),
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

/** A conversation as it is, and up to which seq nothing is the person's to see. */
type Place = ConversationRecord & { visible_after_seq: bigint | number };

async function readPlaces(
  ctx: MessageContext,
  userId: UserId,
  ids: ConversationId[],
): Promise<Map<ConversationId, Place>> {
  const records = await ctx.sql.$queryRaw<Place[]>`
    SELECT ${CONVERSATION_COLUMNS}, m.visible_after_seq
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.user_id = ${userId} AND m.left_at IS NULL AND ${IS_SHOWN}
      AND m.conversation_id IN (${Prisma.join(ids.map(BigInt))})`;
  return new Map(records.map((record) => [String(record.id), record]));
}

type Changes = Pick<SyncedConversation, "messages" | "hasMore">;

/** One query for all conversations; when many are behind, each gets fewer messages and says that it has more. */
async function readChanges(
  ctx: MessageContext,
  userId: UserId,
  from: { id: ConversationId; after: number }[],
): Promise<Map<ConversationId, Changes>> {
  if (from.length === 0) return new Map();
  const limit = Math.min(LIMITS.messagesPerSync, Math.ceil(MESSAGES_PER_REPLY / from.length));
  const branches = from.map(
    ({ id, after }) => Prisma.sql`(
      SELECT ${MESSAGE_COLUMNS} FROM messages m
      WHERE m.conversation_id = ${BigInt(id)} AND m.revision > ${after} ${notHidden({ userId, conversationId: id })}
      ORDER BY m.revision LIMIT ${limit + 1})`,
  );
  const records = await ctx.sql.$queryRaw<MessageRecord[]>`${Prisma.join(branches, " UNION ALL ")}`;
  const changed = Map.groupBy(records.map(toStoredMessage), (message) => message.conversationId);
  const shown = [...changed.values()].flatMap((list) => list.sort(byRevision).slice(0, limit));
  const views = Map.groupBy(await viewMessages(ctx.sql, shown, userId), (message) => message.conversationId);
  return new Map(
    [...changed].map(([id, list]) => [id, { messages: views.get(id) ?? [], hasMore: list.length > limit }]),
  );
}

const byRevision = (one: StoredMessage, other: StoredMessage): number => one.revision - other.revision;
