/** The server's tables, read by SQL of this test alone: what every device must come to show. */
import type { TestStores } from "@confab/testkit";
import type {
  ConversationFacts,
  MemberFacts,
  MessageFacts,
  OwnFacts,
  ReactionFacts,
  ThreadFacts,
} from "./facts.ts";
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
interface StoredMember extends Row, MemberFacts {
  mutedUntil: string | null;
  pinnedAt: string | null;
  archivedAt: string | null;
  unreadFromSeq: number | null;
}
interface StoredMessage extends Row, Omit<MessageFacts, "replyTo" | "thread" | "mentions" | "reactions"> {
  replyCount: number | null;
  lastReplySeq: number | null;
  lastReplyAt: string | null;
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
  members: StoredMember[];
  messages: StoredMessage[];
  reactions: StoredReaction[];
  hidden: (Row & { userId: string; seq: number })[];
  drafts: (Row & { userId: string; threadRootId: string; body: string })[];
  threads: (Row & { userId: string; rootId: string; following: number; readSeq: number })[];
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
        delivered_seq AS deliveredSeq, read_seq AS readSeq, unread_seq AS unreadFromSeq,
        ${iso("muted_until")} AS mutedUntil, ${iso("pinned_at")} AS pinnedAt, ${iso("archived_at")} AS archivedAt
      FROM conversation_members WHERE left_at IS NULL`),
    messages: await read(`
      SELECT CAST(conversation_id AS CHAR) AS conversationId, CAST(id AS CHAR) AS id, seq, revision,
        sender_id AS senderId, kind, body, metadata, mentions,
        LOWER(INSERT(INSERT(INSERT(INSERT(HEX(dedupe), 9, 0, '-'), 14, 0, '-'), 19, 0, '-'), 24, 0, '-')) AS clientMessageId,
        CAST(reply_to_id AS CHAR) AS replyToId, CAST(thread_root_id AS CHAR) AS threadRootId,
        reply_count AS replyCount, last_reply_seq AS lastReplySeq, ${iso("last_reply_at")} AS lastReplyAt,
        ${iso("created_at")} AS createdAt, ${iso("edited_at")} AS editedAt,
        ${iso("deleted_at")} AS deletedAt, ${iso("pinned_at")} AS pinnedAt
      FROM messages ORDER BY conversation_id, seq`),
    reactions: await read(`
      SELECT CAST(message_id AS CHAR) AS messageId, emoji, user_id AS userId
      FROM reactions ORDER BY message_id, created_at, emoji, user_id`),
    hidden: await read(`
      SELECT CAST(conversation_id AS CHAR) AS conversationId, user_id AS userId, seq FROM hidden_messages`),
    drafts: await read(`
      SELECT CAST(conversation_id AS CHAR) AS conversationId, user_id AS userId,
        CAST(thread_root_id AS CHAR) AS threadRootId, body
      FROM drafts WHERE body <> ''`),
    threads: await read(`
      SELECT CAST(conversation_id AS CHAR) AS conversationId, user_id AS userId, CAST(root_id AS CHAR) AS rootId,
        COALESCE(following, 0) AS following, read_seq AS readSeq
      FROM thread_members`),
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
    .map((row) => ({ row, me: meIn(row, members, userId) }))
    .sort(
      (one, other) =>
        Number(isPinned(other.me)) - Number(isPinned(one.me)) || newestFirst(one.row, other.row),
    )
    .map(({ row, me }) => {
      const people = members.get(row.conversationId) ?? [];
      const visible = (messages.get(row.conversationId) ?? [])
        .filter((message) => !hidden.has(`${row.conversationId} ${message.seq}`))
        .map((message) => toFacts(message, userId, byId, reactions.get(message.id) ?? []))
        .map((message) => withoutHidden(message, hidden, row.conversationId));
      const last = visible.at(-1);
      return {
        id: row.conversationId,
        kind: row.kind,
        title: row.title,
        avatarUrl: row.avatarUrl,
        members: people
          .map(({ userId: id, role, joinedSeq, deliveredSeq, readSeq }) => ({
            userId: id,
            role,
            joinedSeq,
            deliveredSeq,
            readSeq,
          }))
          .sort((one, other) => (one.userId < other.userId ? -1 : 1)),
        ...unread(userId, me, visible),
        lastMessage: lastMessageFacts(last?.seq === row.lastSeq ? last : null),
        own: ownOf(row, me, userId, tables),
        threads: threadsOf(row, userId, tables, visible),
        messages: visible,
      };
    });
}

const meIn = (row: Row, members: Map<string, StoredMember[]>, userId: string): StoredMember | undefined =>
  members.get(row.conversationId)?.find((member) => member.userId === userId);

const isPinned = (me: StoredMember | undefined): boolean => me?.pinnedAt != null;

/** A quote of what the person hid has no words. */
const withoutHidden = (message: MessageFacts, hidden: Set<string>, conversationId: string): MessageFacts =>
  message.replyTo && hidden.has(`${conversationId} ${message.replyTo.seq}`)
    ? { ...message, replyTo: { ...message.replyTo, body: null } }
    : message;

function ownOf(row: Row, me: StoredMember | undefined, userId: string, tables: Tables): OwnFacts {
  const drafts = tables.drafts.filter(
    (draft) => draft.userId === userId && draft.conversationId === row.conversationId,
  );
  return {
    settings: {
      mutedUntil: me?.mutedUntil ?? null,
      pinnedAt: me?.pinnedAt ?? null,
      archivedAt: me?.archivedAt ?? null,
      unreadFromSeq: me?.unreadFromSeq ?? null,
    },
    drafts: Object.fromEntries(
      drafts.map(({ threadRootId, body }) => [threadRootId === "0" ? "" : threadRootId, body]),
    ),
  };
}

/** Also of threads that the person has nothing of but others' words. */
function threadsOf(
  row: Row,
  userId: string,
  tables: Tables,
  visible: MessageFacts[],
): Map<string, ThreadFacts> {
  const held = new Map(
    tables.threads.filter((thread) => thread.userId === userId).map((thread) => [thread.rootId, thread]),
  );
  const replies = Map.groupBy(visible, (message) => message.threadRootId ?? "");
  const roots = visible.filter(
    ({ id }) => replies.has(id) || held.get(id)?.conversationId === row.conversationId,
  );
  return new Map(
    roots.map(({ id }) => {
      const { following = 0, readSeq = 0 } = held.get(id) ?? {};
      const unread = (replies.get(id) ?? []).filter(
        (reply) => reply.seq > readSeq && reply.senderId !== userId && reply.deletedAt === null,
      );
      const unreadCount = Math.min(unread.length, UNREAD_SHOWN);
      return [id, { following: following === 1, readSeq, unreadCount }];
    }),
  );
}

function newestFirst(one: ConversationRow, other: ConversationRow): number {
  if (one.activeAt !== other.activeAt) return one.activeAt < other.activeAt ? 1 : -1;
  return Number(other.conversationId) - Number(one.conversationId);
}

/**
 * Others' words after the own watermark, or from where the person marked it unread, since joining; neither what is
 * deleted nor what Confab writes.
 */
function unread(userId: string, me: StoredMember | undefined, visible: MessageFacts[]) {
  const seen = Math.min(me?.readSeq ?? 0, (me?.unreadFromSeq ?? Number.POSITIVE_INFINITY) - 1);
  const from = Math.max(seen, me?.joinedSeq ?? 0);
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
  const { conversationId: _, replyToId, mentions, replyCount, lastReplySeq, lastReplyAt, ...message } = row;
  const quoted = replyToId === null ? undefined : byId.get(replyToId);
  return {
    ...message,
    metadata: parsed(row.metadata),
    thread: replyCount && lastReplySeq && lastReplyAt ? { replyCount, lastReplySeq, lastReplyAt } : null,
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
