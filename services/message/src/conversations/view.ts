import {
  ChatError,
  type Conversation,
  type ConversationId,
  type Member,
  type UserId,
} from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";
import { toUser } from "../users/view.ts";
import { SETTINGS_COLUMNS, type SettingsRecord, toSettings } from "./access.ts";

/** As many as a conversation shows when it is alone; in a list of conversations, see `list.ts`. */
export const MEMBERS_SHOWN = 200;

export interface ConversationRecord extends SettingsRecord {
  id: bigint;
  kind: Conversation["kind"];
  title: string | null;
  avatar_url: string | null;
  encrypted: number | boolean;
  created_at: Date;
  last_message_at: Date | null;
  last_seq: bigint;
  revision: bigint;
  member_count: bigint;
}

interface MemberRecord {
  conversation_id: bigint;
  user_id: string;
  role: Member["role"];
  joined_seq: bigint;
  delivered_seq: bigint;
  read_seq: bigint;
  username: string | null;
  display_name: string;
  avatar_url: string | null;
  kind: Member["user"]["kind"];
}

const toMember = (record: MemberRecord): Member => ({
  userId: record.user_id,
  role: record.role,
  joinedSeq: Number(record.joined_seq),
  deliveredSeq: Number(record.delivered_seq),
  readSeq: Number(record.read_seq),
  user: toUser({
    id: record.user_id,
    username: record.username,
    displayName: record.display_name,
    avatarUrl: record.avatar_url,
    kind: record.kind,
  }),
});

export const toConversation = (record: ConversationRecord, members: Member[]): Conversation => ({
  id: String(record.id),
  kind: record.kind,
  title: record.title,
  avatarUrl: record.avatar_url,
  encrypted: Boolean(record.encrypted),
  settings: toSettings(record),
  createdAt: record.created_at.toISOString(),
  lastMessageAt: record.last_message_at?.toISOString() ?? null,
  lastSeq: Number(record.last_seq),
  revision: Number(record.revision),
  memberCount: Number(record.member_count),
  members,
});

export interface ViewOptions {
  /** So many members of each, in order of their ids; default 200. */
  members?: number;
  /** Is among the members shown, wherever the cut, with their own watermarks as they are. */
  viewerId?: UserId;
}

/** What `SELECT ${CONVERSATION_COLUMNS} FROM conversations c` gives. */
export const CONVERSATION_COLUMNS = Prisma.sql`c.id, c.kind, c.title, c.avatar_url, c.encrypted, ${SETTINGS_COLUMNS}, c.created_at,
  c.last_message_at, c.last_seq, c.revision,
  (SELECT COUNT(*) FROM conversation_members counted WHERE counted.conversation_id = c.id AND counted.left_at IS NULL)
    AS member_count`;

/**
 * Conversations in their wire form, by id, with two queries for any number of them. Who may see them is the
 * caller's to know.
 */
export async function loadConversations(
  db: Queries,
  ids: ConversationId[],
  options: ViewOptions = {},
): Promise<Map<ConversationId, Conversation>> {
  if (ids.length === 0) return new Map();
  const records = await db.$queryRaw<ConversationRecord[]>`
    SELECT ${CONVERSATION_COLUMNS} FROM conversations c WHERE c.id IN (${Prisma.join(ids.map(BigInt))})`;
  const members = await loadMembers(db, ids, options);
  return new Map(
    records.map((record) => {
      const id = String(record.id);
      return [id, toConversation(record, members.get(id) ?? [])];
    }),
  );
}

/** @throws ChatError `not_found` */
export async function loadConversation(
  db: Queries,
  id: ConversationId,
  options?: ViewOptions,
): Promise<Conversation> {
  const conversation = (await loadConversations(db, [id], options)).get(id);
  if (!conversation) throw new ChatError("not_found", { reason: "conversation" });
  return conversation;
}

/**
 * One branch for each conversation reads just as many rows as are shown, however large the group. While somebody is
 * blocked, neither of the two sees how far the other one reads.
 */
export async function loadMembers(
  db: Queries,
  conversationIds: ConversationId[],
  { members = MEMBERS_SHOWN, viewerId }: ViewOptions,
): Promise<Map<ConversationId, Member[]>> {
  if (conversationIds.length === 0) return new Map();
  const ids = conversationIds.map(BigInt);
  const mark = (own: Prisma.Sql, shown: Prisma.Sql) =>
    Prisma.sql`IF(m.user_id = ${viewerId ?? ""}, ${own}, COALESCE(${shown}, ${own}))`;
  const deliveredSeq = mark(Prisma.sql`m.delivered_seq`, Prisma.sql`m.shown_delivered_seq`);
  const readSeq = mark(Prisma.sql`m.read_seq`, Prisma.sql`m.shown_read_seq`);
  const select = (condition: Prisma.Sql) => Prisma.sql`(
    SELECT m.conversation_id, m.user_id, m.role, m.joined_seq, ${deliveredSeq} AS delivered_seq, ${readSeq} AS read_seq,
      u.username, u.display_name, u.avatar_url, u.kind
    FROM conversation_members m STRAIGHT_JOIN users u ON u.id = m.user_id
    WHERE m.left_at IS NULL AND ${condition})`;
  const branches = ids.map((id) =>
    select(Prisma.sql`m.conversation_id = ${id} ORDER BY m.user_id LIMIT ${members}`),
  );
  if (viewerId !== undefined) {
    branches.push(select(Prisma.sql`m.user_id = ${viewerId} AND m.conversation_id IN (${Prisma.join(ids)})`));
  }
  const records = await db.$queryRaw<MemberRecord[]>`${Prisma.join(branches, " UNION ")}`;
  const byConversation = Map.groupBy(records, (record) => String(record.conversation_id));
  return new Map([...byConversation].map(([id, list]) => [id, list.map(toMember)]));
}
