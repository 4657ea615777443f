/** The server's tables, read by SQL of this test alone: what every device must come to show. */
import type { TestStores } from "@confab/testkit";
import type { ConversationFacts, MemberFacts, MessageFacts, ReactionFacts } from "./facts.ts";
import { lastMessageFacts } from "./facts.ts";

type Query = TestStores["query"];
const UNREAD_SHOWN = 100;

interface Row {
  conversationId: string;
}
interface ConversationRow extends Row {
  kind: string;
  title: string | null;
  avatarUrl: string | null;
  lastSeq: number;
  activeAt: string;
}
interface StoredMessage extends Row, Omit<MessageFacts, "replyTo" | "mentions" | "reactions"> {
  mentions: string | string[] | null;
  replyToId: string | null;
}
interface StoredReaction {
  messageId: string;
  emoji: string;
  userId: string;
}

/** All that is stored, at one moment if nobody writes meanwhile. */
export interface Tables {
  conversations: ConversationRow[];
  members: (Row & MemberFacts)[];
  messages: StoredMessage[];
  reactions: StoredReaction[];
  hidden: (Row & { userId: string; seq: number })[];
}

const iso = (column: string): string => `CONCAT(DATE_FORMAT(${column}, '%Y-%m-%dT%H:%i:%s.'),
  LPAD(MICROSECOND(${column}) DIV 1000, 3, '0'), 'Z')`;

export async function readTables(query: Query): Promise<Tables> {
  const read = async <T>(sql: string): Promise<T[]> => (await query(sql)) as T[];
  return {
    conversations: await read(`
      SELECT CAST(id AS CHAR) AS conversationId, kind, title, avatar_url AS avatarUrl, last_seq AS lastSeq,
        ${iso("COALESCE(last_message_at, created_at)")} AS activeAt
      FROM conversations`),
    members: await read(`
      SELECT CAST(conversation_id AS CHAR) AS conversationId, user_id AS userId, role, joined_seq AS joinedSeq,
        delivered_seq AS deliveredSeq, read_seq AS readSeq
      FROM conversation_members WHERE left_at IS NULL`),
    messages: await read(`
      SELECT CAST(conversation_id AS CHAR) AS conversationId, CAST(id AS CHAR) AS id, seq, revision,
        sender_id AS senderId, kind, body, metadata, mentions,
        LOWER(INSERT(INSERT(INSERT(INSERT(HEX(dedupe), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')) AS clientMessageId,
        CAST(reply_to_id AS CHAR) AS replyToId, CAST(thread_root_id AS CHAR) AS threadRootId,
        ${iso("created_at")} AS createdAt, ${iso("edited_at")} AS editedAt,
        ${iso("deleted_at")} AS deletedAt, ${iso("pinned_at")} AS pinnedAt
      FROM messages ORDER BY conversation_id, seq`),
    reactions: await read(`
      SELECT CAST(message_id AS CHAR) AS messageId, emoji, user_id AS userId
      FROM reactions ORDER BY message_id, created_at, emoji, user_id`),
    hidden: await read(`
      SELECT CAST(conversation_id AS CHAR) AS conversationId, user_id AS userId, seq FROM hidden_messages`),
  };
}

/** What one person is to see of all that. */
export function seenBy(userId: string, tables: Tables): ConversationFacts[] {
  const members = Map.groupBy(tables.members, (row) => row.conversationId);
  const messages = Map.groupBy(tables.messages, (row) => row.conversationId);
  const byId = new Map(tables.messages.map((row) => [row.id, row]));
  const reactions = Map.groupBy(tables.reactions, (row) => row.messageId);
  const hidden = new Set(
    tables.hidden.filter((row) => row.userId === userId).map((row) => `${row.conversationId} ${row.seq}`),
  );
  return tables.conversations
    .filter((row) => members.get(row.conversationId)?.some((member) => member.userId === userId))
    .sort(newestFirst)
    .map((row) => {
      const people = members.get(row.conversationId) ?? [];
      const visible = (messages.get(row.conversationId) ?? [])
        .filter((message) => !hidden.has(`${row.conversationId} ${message.seq}`))
        .map((message) => toFacts(message, userId, byId, reactions.get(message.id) ?? []));
      const last = visible.at(-1);
      return {
        id: row.conversationId,
        kind: row.kind,
        title: row.title,
        avatarUrl: row.avatarUrl,
        members: people
          .map(({ conversationId: _, ...member }) => member)
          .sort((one, other) => (one.userId < other.userId ? -1 : 1)),
        ...unread(userId, people, visible),
        lastMessage: lastMessageFacts(last?.seq === row.lastSeq ? last : null),
        messages: visible,
      };
    });
}

function newestFirst(one: ConversationRow, other: ConversationRow): number {
  if (one.activeAt !== other.activeAt) return one.activeAt < other.activeAt ? 1 : -1;
  return Number(other.conversationId) - Number(one.conversationId);
}

/** Others' words after the own watermark, since joining; neither what is deleted nor what Confab writes. */
function unread(userId: string, people: MemberFacts[], visible: MessageFacts[]) {
  const me = people.find((member) => member.userId === userId);
  const from = Math.max(me?.readSeq ?? 0, me?.joinedSeq ?? 0);
  const counted = visible.filter(
    (message) =>
      message.seq > from &&
      message.senderId !== userId &&
      message.kind !== "system" &&
      message.threadRootId === null &&
      message.deletedAt === null,
  );
  const named = counted.filter((message) => message.mentions.includes(userId));
  return {
    unreadCount: Math.min(counted.length, UNREAD_SHOWN),
    mentionCount: Math.min(named.length, UNREAD_SHOWN),
  };
}

function toFacts(
  row: StoredMessage,
  userId: string,
  byId: ReadonlyMap<string, StoredMessage>,
  reactions: StoredReaction[],
): MessageFacts {
  const { conversationId: _, replyToId, mentions, ...message } = row;
  const quoted = replyToId === null ? undefined : byId.get(replyToId);
  return {
    ...message,
    metadata: parsed(row.metadata),
    mentions: (parsed(mentions) ?? []) as string[],
    replyTo: quoted
      ? {
          id: quoted.id,
          seq: quoted.seq,
          senderId: quoted.senderId,
          kind: quoted.kind,
          body: quoted.deletedAt === null ? quoted.body : null,
        }
      : null,
    reactions: reactionFacts(userId, reactions),
  };
}

const parsed = (json: unknown): unknown => (typeof json === "string" ? JSON.parse(json) : (json ?? null));

/** Rows come oldest first: that is the order of emojis. */
function reactionFacts(userId: string, rows: StoredReaction[]): ReactionFacts[] {
  return [...Map.groupBy(rows, (row) => row.emoji)].map(([emoji, people]) => ({
    emoji,
    count: people.length,
    userIds: people.map((row) => row.userId).sort(),
    mine: people.some((row) => row.userId === userId),
  }));
}
