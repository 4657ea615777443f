import { LIMITS, type Message, type MessageId, type UserId } from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";
import { MESSAGE_COLUMNS, type MessageRecord, type StoredMessage, toStoredMessage } from "./row.ts";

type Quote = NonNullable<Message["replyTo"]>;
type Reactions = Message["reactions"];

const NO_REACTIONS: Reactions = [];
const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/** What a reply shows of the message that it answers; a deleted one keeps its place and loses its words. */
export const toQuote = (message: StoredMessage): Quote => ({
  id: message.id,
  seq: message.seq,
  senderId: message.senderId,
  kind: message.kind,
  body: message.deletedAt ? null : message.body,
});

/** The wire's form. A tombstone keeps id, seq, sender and times. */
export function toMessage(
  message: StoredMessage,
  quote: Quote | null,
  reactions: Reactions = NO_REACTIONS,
): Message {
  const deleted = message.deletedAt !== null;
  return {
    id: message.id,
    conversationId: message.conversationId,
    seq: message.seq,
    revision: message.revision,
    senderId: message.senderId,
    kind: message.kind,
    body: deleted ? null : message.body,
    metadata: deleted ? null : message.metadata,
    clientMessageId: message.clientMessageId,
    createdAt: message.createdAt.toISOString(),
    editedAt: iso(message.editedAt),
    deletedAt: iso(message.deletedAt),
    pinnedAt: iso(message.pinnedAt),
    replyTo: quote,
    threadRootId: message.threadRootId,
    thread: message.thread && { ...message.thread, lastReplyAt: message.thread.lastReplyAt.toISOString() },
    schemaId: message.schemaId,
    mentions: deleted ? [] : message.mentions,
    attachments: [],
    reactions: deleted ? NO_REACTIONS : reactions,
  };
}

/**
 * Any number of messages in their wire form with at most two queries more. `viewerId` decides `mine`; null for what is
 * broadcast, where `mine` is always false and each reader looks for themself among `userIds`, which begins with
 * whoever reacted last.
 */
export async function viewMessages(
  db: Queries,
  messages: StoredMessage[],
  viewerId: UserId | null,
): Promise<Message[]> {
  const [quotes, reactions] = [
    await loadQuotes(db, messages, viewerId),
    await loadReactions(
      db,
      messages
        .filter(({ deletedAt, hasReactions }) => deletedAt === null && hasReactions !== false)
        .map((message) => message.id),
      viewerId,
    ),
  ];
  return messages.map((message) =>
    toMessage(message, quotes.get(message.replyToId ?? "") ?? null, reactions.get(message.id)),
  );
}

/**
 * What these messages answer, by id. The words of what was said before the viewer joined, or for a broadcast before
 * any member did, stay with those who may read them; nor does a quote show the viewer what is hidden from them.
 */
export async function loadQuotes(
  db: Queries,
  messages: StoredMessage[],
  viewerId: UserId | null,
): Promise<Map<MessageId, Quote>> {
  const ids = new Set(messages.flatMap((message) => message.replyToId ?? []));
  if (ids.size === 0) return new Map();
  const visible =
    viewerId === null
      ? Prisma.sql`m.seq > COALESCE((SELECT MAX(v.visible_after_seq) FROM conversation_members v
          JOIN conversations c ON c.id = v.conversation_id AND c.history = 'joining'
          WHERE v.conversation_id = m.conversation_id AND v.left_at IS NULL), 0)`
      : Prisma.sql`m.seq > COALESCE((SELECT v.visible_after_seq FROM conversation_members v
          WHERE v.conversation_id = m.conversation_id AND v.user_id = ${viewerId}), 0)
        AND NOT EXISTS (SELECT 1 FROM hidden_messages h
          WHERE h.user_id = ${viewerId} AND h.conversation_id = m.conversation_id AND h.seq = m.seq)`;
  const records = await db.$queryRaw<(MessageRecord & { visible: bigint })[]>`
    SELECT ${MESSAGE_COLUMNS}, ${visible} AS visible
    FROM messages m WHERE m.id IN (${Prisma.join([...ids].map(BigInt))})`;
  return new Map(
    records.map((record) => {
      const quote = toQuote(toStoredMessage(record));
      return [quote.id, record.visible ? quote : { ...quote, body: null }];
    }),
  );
}

/** Messages by id, whichever conversation they are in: the caller checks that. */
export async function loadMessages(
  db: Queries,
  ids: Iterable<MessageId>,
): Promise<Map<MessageId, StoredMessage>> {
  const list = [...ids].map(BigInt);
  if (list.length === 0) return new Map();
  const records = await db.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE m.id IN (${Prisma.join(list)})`;
  return new Map(records.map(toStoredMessage).map((message) => [message.id, message]));
}

interface ReactionRecord {
  message_id: bigint;
  emoji: string;
  user_id: string;
  people: bigint;
  mine: bigint;
}

/** Counts are exact; of the people only the latest few leave the database. Emojis in the order of first use. */
async function loadReactions(
  db: Queries,
  messageIds: MessageId[],
  viewerId: UserId | null,
): Promise<Map<MessageId, Reactions>> {
  if (messageIds.length === 0) return new Map();
  const records = await db.$queryRaw<ReactionRecord[]>`
    SELECT message_id, emoji, user_id, people, mine FROM (
      SELECT message_id, emoji, user_id,
        COUNT(*) OVER emojis AS people, MAX(user_id = ${viewerId ?? ""}) OVER emojis AS mine,
        MIN(created_at) OVER emojis AS first_at,
        ROW_NUMBER() OVER (PARTITION BY message_id, emoji ORDER BY created_at DESC, user_id) AS place
      FROM reactions WHERE message_id IN (${Prisma.join(messageIds.map(BigInt))})
      WINDOW emojis AS (PARTITION BY message_id, emoji)
    ) ranked
    WHERE place <= ${LIMITS.reactionUsers} ORDER BY message_id, first_at, emoji, place`;
  const byMessage = new Map<MessageId, Reactions>();
  for (const record of records) {
    const id = String(record.message_id);
    const list = byMessage.get(id) ?? [];
    if (list.length === 0) byMessage.set(id, list);
    const last = list.at(-1);
    if (last?.emoji === record.emoji) last.userIds.push(record.user_id);
    else {
      list.push({
        emoji: record.emoji,
        count: Number(record.people),
        userIds: [record.user_id],
        mine: Number(record.mine) === 1,
      });
    }
  }
  return byMessage;
}
