import type { ConversationId, Message, MessageId, MessageKind, UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import { bytesToUuid } from "./dedupe.ts";

/** A message as it is stored; `view.ts` makes the wire's form of it. */
export interface StoredMessage {
  conversationId: ConversationId;
  seq: number;
  id: MessageId;
  senderId: UserId;
  clientMessageId: string;
  kind: MessageKind;
  body: string | null;
  metadata: Message["metadata"];
  mentions: UserId[];
  replyToId: MessageId | null;
  threadRootId: MessageId | null;
  /** Of a thread's root; its revision rises with every reply. */
  thread: { replyCount: number; lastReplySeq: number; lastReplyAt: Date } | null;
  schemaId: string | null;
  revision: number;
  createdAt: Date;
  editedAt: Date | null;
  deletedAt: Date | null;
  pinnedAt: Date | null;
  /** Whether anybody reacted to it; undefined where the statement did not ask. */
  hasReactions?: boolean;
}

/** What `SELECT ${MESSAGE_COLUMNS} FROM messages m` gives. */
export interface MessageRecord {
  conversation_id: bigint;
  seq: bigint;
  id: bigint;
  sender_id: string;
  dedupe: Uint8Array;
  kind: MessageKind;
  body: string | null;
  metadata: unknown;
  mentions: unknown;
  reply_to_id: bigint | null;
  thread_root_id: bigint | null;
  reply_count: bigint | number | null;
  last_reply_seq: bigint | number | null;
  last_reply_at: Date | null;
  schema_id: string | null;
  revision: bigint;
  created_at: Date;
  edited_at: Date | null;
  deleted_at: Date | null;
  pinned_at: Date | null;
  has_reactions?: bigint | number;
}

export const MESSAGE_COLUMNS = Prisma.sql`m.conversation_id, m.seq, m.id, m.sender_id, m.dedupe, m.kind, m.body, m.metadata,
  m.mentions, m.reply_to_id, m.thread_root_id, m.reply_count, m.last_reply_seq, m.last_reply_at, m.schema_id,
  m.revision, m.created_at, m.edited_at, m.deleted_at, m.pinned_at`;

/**
 * The same for many messages at once, few of which anybody reacted to: `viewMessages` then asks for the reactions of
 * those alone, and nothing where there are none.
 */
export const PAGE_COLUMNS = Prisma.sql`${MESSAGE_COLUMNS},
  EXISTS (SELECT 1 FROM reactions r WHERE r.message_id = m.id) AS has_reactions`;

/** MariaDB's JSON is text, MySQL's a type of its own: the one may arrive as a string, the other does not. */
const parsed = (value: unknown): unknown => (typeof value === "string" ? JSON.parse(value) : value);
const text = (value: bigint | null): string | null => (value === null ? null : String(value));

const toThread = ({ reply_count, last_reply_seq, last_reply_at }: MessageRecord): StoredMessage["thread"] =>
  reply_count === null || last_reply_seq === null || last_reply_at === null
    ? null
    : { replyCount: Number(reply_count), lastReplySeq: Number(last_reply_seq), lastReplyAt: last_reply_at };

export const toStoredMessage = (record: MessageRecord): StoredMessage => ({
  conversationId: String(record.conversation_id),
  seq: Number(record.seq),
  id: String(record.id),
  senderId: record.sender_id,
  clientMessageId: bytesToUuid(record.dedupe),
  kind: record.kind,
  body: record.body,
  metadata: (parsed(record.metadata) ?? null) as Message["metadata"],
  mentions: (parsed(record.mentions) ?? []) as UserId[],
  replyToId: text(record.reply_to_id),
  threadRootId: text(record.thread_root_id),
  thread: toThread(record),
  schemaId: record.schema_id,
  revision: Number(record.revision),
  createdAt: record.created_at,
  editedAt: record.edited_at,
  deletedAt: record.deleted_at,
  pinnedAt: record.pinned_at,
  ...(record.has_reactions !== undefined && { hasReactions: Boolean(record.has_reactions) }),
});
