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

/** A conversation with the number of those who are in it, as its record has it. */
export interface Counted {
  id: ConversationId;
  memberCount: number;
}
export const toCounted = ({ id, member_count }: ConversationRecord): Counted => ({
  id: String(id),
  memberCount: Number(member_count),
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
  const members = await loadMembers(db, records.map(toCounted), options);
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
 * In one query. Conversations that are shown with all of their members are read by one join; of the others a branch for
 * each reads just as many rows as are shown, however large the group. While somebody is blocked, neither of the two sees
 * how far the other one reads.
 */
export async function loadMembers(
  db: Queries,
  conversations: Counted[],
  options: ViewOptions,
): Promise<Map<ConversationId, Member[]>> {
  if (conversations.length === 0) return new Map();
  const records = await db.$queryRaw<MemberRecord[]>(membersShown(conversations, options));
  const byConversation = Map.groupBy(records, (record) => String(record.conversation_id));
  return new Map([...byConversation].map(([id, list]) => [id, list.map(toMember)]));
}

function membersShown(
  conversations: Counted[],
  { members = MEMBERS_SHOWN, viewerId }: ViewOptions,
): Prisma.Sql {
  const mark = (own: Prisma.Sql, shown: Prisma.Sql) =>
    Prisma.sql`IF(m.user_id = ${viewerId ?? ""}, ${own}, COALESCE(${shown}, ${own}))`;
  const deliveredSeq = mark(Prisma.sql`m.delivered_seq`, Prisma.sql`m.shown_delivered_seq`);
  const readSeq = mark(Prisma.sql`m.read_seq`, Prisma.sql`m.shown_read_seq`);
  const select = (place: Prisma.Sql, condition: Prisma.Sql) => Prisma.sql`(
    SELECT m.conversation_id, m.user_id, m.role, m.joined_seq, ${deliveredSeq} AS delivered_seq, ${readSeq} AS read_seq,
      u.username, u.display_name, u.avatar_url, u.kind
    FROM ${place} STRAIGHT_JOIN users u ON u.id = m.user_id WHERE m.left_at IS NULL ${condition})`;
  const alone = Prisma.sql`conversation_members m`;
  const { whole = [], cut = [] } = Object.groupBy(conversations, ({ memberCount }) =>
    memberCount <= members ? "whole" : "cut",
  );
  const branches = cut.map(({ id }) =>
    select(alone, Prisma.sql`AND m.conversation_id = ${BigInt(id)} ORDER BY m.user_id LIMIT ${members}`),
  );
  if (whole.length > 0) branches.push(select(membersOf(whole.map(({ id }) => id)), Prisma.empty));
  if (cut.length > 0 && viewerId !== undefined) {
    const ids = Prisma.join(cut.map(({ id }) => BigInt(id)));
    branches.push(select(alone, Prisma.sql`AND m.user_id = ${viewerId} AND m.conversation_id IN (${ids})`));
  }
  return Prisma.join(branches, " UNION ");
}

/** `conversation_members m` of these conversations, key by key (ADR 12). */
const membersOf = (ids: ConversationId[]): Prisma.Sql => Prisma.sql`
  JSON_TABLE(${JSON.stringify(ids)}, '$[*]' COLUMNS (id BIGINT UNSIGNED PATH '$')) AS wanted
  STRAIGHT_JOIN conversation_members m FORCE INDEX (PRIMARY) ON m.conversation_id = wanted.id`;
