/** P9: the only place that decides who is in a conversation; what their role permits: `permissions.ts`. */
import {
  ChatError,
  type ConversationId,
  type ConversationSettings,
  type Role,
  type UserId,
} from "@confab/contract";
import { Prisma, type Queries } from "@confab/db";

/** A person's place in a conversation, as far as rights go. */
export interface Membership {
  role: Role;
  /** Up to here they see nothing: what was said before they joined, where joiners do not see that. */
  visibleAfterSeq: number;
  /** Of a direct conversation: whether the person blocks the other one. */
  blocksPeer: boolean;
  blockedByPeer: boolean;
  /** Known only while slow mode is on. */
  lastSentAt: Date | null;
}

/** What the answer to "may they?" is made of; numbers as the wire has them. */
export interface Access {
  conversation: {
    id: ConversationId;
    kind: "direct" | "group";
    /** The two people of a direct conversation, sorted, with a space between. */
    directKey: string | null;
    encrypted: boolean;
    settings: ConversationSettings;
    lastSeq: number;
    revision: number;
  };
  member: Membership & {
    userId: UserId;
    joinedSeq: number;
    deliveredSeq: number;
    readSeq: number;
  };
}

interface MembershipRecord {
  role: Role;
  visible_after_seq: bigint;
  blocks_peer: number | boolean;
  blocked_by_peer: number | boolean;
  last_sent_at: Date | null;
}
const MEMBERSHIP_COLUMNS = Prisma.sql`m.role, m.visible_after_seq, m.blocks_peer, m.blocked_by_peer, m.last_sent_at`;
const toMembership = (record: MembershipRecord): Membership => ({
  role: record.role,
  visibleAfterSeq: Number(record.visible_after_seq),
  blocksPeer: Boolean(record.blocks_peer),
  blockedByPeer: Boolean(record.blocked_by_peer),
  lastSentAt: record.last_sent_at,
});

/** The columns of `conversations c` that settings are made of. */
export interface SettingsRecord {
  history: ConversationSettings["history"];
  announcement: number | boolean;
  slow_mode_seconds: bigint | number;
}
export const SETTINGS_COLUMNS = Prisma.sql`c.history, c.announcement, c.slow_mode_seconds`;
export const toSettings = (record: SettingsRecord): ConversationSettings => ({
  history: record.history,
  announcement: Boolean(record.announcement),
  slowModeSeconds: Number(record.slow_mode_seconds),
});

interface AccessRecord extends MembershipRecord, SettingsRecord {
  kind: "direct" | "group";
  direct_key: string | null;
  encrypted: number | boolean;
  last_seq: bigint;
  revision: bigint;
  joined_seq: bigint;
  delivered_seq: bigint;
  read_seq: bigint;
}

interface Wanted {
  userId: UserId;
  conversationId: ConversationId;
}
type Named = "conversation" | "message" | "report";

/**
 * The conversation as far as rights go, and its member. To be certain until a transaction ends, lock the
 * conversation first (`lockHeads`): whoever changes its members holds that lock.
 * @throws ChatError `not_found`, the same for what does not exist and for what is not theirs; its reason is what the
 * caller named
 */
export async function requireMember(db: Queries, wanted: Wanted, named?: Named): Promise<Access> {
  return toAccess(await db.$queryRaw(accessToFind(wanted)), wanted, named);
}

/** The statement of `requireMember`, for those who send more with it, and what comes of it. */
export const accessToFind = ({ userId, conversationId }: Wanted): Prisma.Sql => Prisma.sql`
    SELECT c.kind, c.direct_key, c.encrypted, ${SETTINGS_COLUMNS}, c.last_seq, c.revision,
      ${MEMBERSHIP_COLUMNS}, m.joined_seq, m.delivered_seq, m.read_seq
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.conversation_id = ${BigInt(conversationId)} AND m.user_id = ${userId} AND m.left_at IS NULL`;
export function toAccess(
  records: unknown[],
  { userId, conversationId }: Wanted,
  named: Named = "conversation",
): Access {
  const [record] = records as AccessRecord[];
  if (!record) throw new ChatError("not_found", { reason: named });
  return {
    conversation: {
      id: conversationId,
      kind: record.kind,
      directKey: record.direct_key,
      encrypted: Boolean(record.encrypted),
      settings: toSettings(record),
      lastSeq: Number(record.last_seq),
      revision: Number(record.revision),
    },
    member: {
      ...toMembership(record),
      userId,
      joinedSeq: Number(record.joined_seq),
      deliveredSeq: Number(record.delivered_seq),
      readSeq: Number(record.read_seq),
    },
  };
}

/** A direct conversation is its two people for ever. @throws ChatError `conflict`, reason `direct_conversation` */
export function requireGroup({ conversation }: Access): void {
  if (conversation.kind !== "group") throw new ChatError("conflict", { reason: "direct_conversation" });
}

/** One person's place in one conversation, as a key. */
export const memberKey = (conversationId: ConversationId, userId: UserId): string =>
  `${conversationId} ${userId}`;

/** Who is asked for, by conversation. */
export type PeopleByConversation = ReadonlyMap<ConversationId, ReadonlySet<UserId>>;

/**
 * By `memberKey`, those named who are in their conversations now, with one query for all of them: `requireMember`
 * for a batch. As certain as the locks that the transaction holds.
 */
export async function findMembers(
  tx: Queries,
  people: PeopleByConversation,
): Promise<Map<string, Membership>> {
  return toMembers(await tx.$queryRaw(membersToFind(people)));
}

/** The statement of `findMembers`, for those who send more with it, and what comes of it. */
export function membersToFind(people: PeopleByConversation): Prisma.Sql {
  const wanted = [...people].flatMap(([id, userIds]) => [...userIds].map((userId) => [id, userId] as const));
  const columns = Prisma.sql`m.conversation_id, m.user_id, ${MEMBERSHIP_COLUMNS}`;
  const [only] = wanted;
  // Most batches ask for one while little is said, and a table of one row costs more than its row.
  if (only && wanted.length === 1) {
    return Prisma.sql`
      SELECT ${columns} FROM conversation_members m
      WHERE m.conversation_id = ${BigInt(only[0])} AND m.user_id = ${only[1]} AND m.left_at IS NULL`;
  }
  // Key by key: a third of what a list of pairs costs, a fifth of a chain of ORs (ADR 12).
  return Prisma.sql`
    SELECT ${columns}
    FROM JSON_TABLE(${JSON.stringify(wanted)}, '$[*]' COLUMNS (
      conversation_id BIGINT UNSIGNED PATH '$[0]', user_id VARCHAR(64) PATH '$[1]')) AS wanted
    STRAIGHT_JOIN conversation_members m FORCE INDEX (PRIMARY)
      ON m.conversation_id = wanted.conversation_id AND m.user_id = wanted.user_id
    WHERE m.left_at IS NULL`;
}
export const toMembers = (records: unknown[]): Map<string, Membership> =>
  new Map(
    (records as (MembershipRecord & { conversation_id: bigint; user_id: string })[]).map((record) => [
      memberKey(String(record.conversation_id), record.user_id),
      toMembership(record),
    ]),
  );
