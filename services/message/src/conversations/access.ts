/** P9: the only place that decides who is in a conversation and what their role permits. */
import { ChatError, type ConversationId, type Role, type UserId } from "@confab/contract";
import { Prisma, type PrismaClient, type Transaction } from "@confab/db";

/** What the answer to "may they?" is made of; numbers as the wire has them. */
export interface Access {
  conversation: {
    id: ConversationId;
    kind: "direct" | "group";
    /** The two people of a direct conversation, sorted, with a space between. */
    directKey: string | null;
    encrypted: boolean;
    lastSeq: number;
    revision: number;
  };
  member: {
    userId: UserId;
    role: Role;
    joinedSeq: number;
    deliveredSeq: number;
    readSeq: number;
  };
}

interface AccessRecord {
  kind: "direct" | "group";
  direct_key: string | null;
  encrypted: number | boolean;
  last_seq: bigint;
  revision: bigint;
  role: Role;
  joined_seq: bigint;
  delivered_seq: bigint;
  read_seq: bigint;
}

/**
 * The conversation as far as rights go, and its member. To be certain until a transaction ends, lock the
 * conversation first (`lockHeads`): whoever changes its members holds that lock.
 * @throws ChatError `not_found`, the same for what does not exist and for what is not theirs
 */
export async function requireMember(
  db: PrismaClient | Transaction,
  { userId, conversationId }: { userId: UserId; conversationId: ConversationId },
): Promise<Access> {
  const [record] = await db.$queryRaw<AccessRecord[]>`
    SELECT c.kind, c.direct_key, c.encrypted, c.last_seq, c.revision,
      m.role, m.joined_seq, m.delivered_seq, m.read_seq
    FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
    WHERE m.conversation_id = ${BigInt(conversationId)} AND m.user_id = ${userId} AND m.left_at IS NULL`;
  if (!record) throw new ChatError("not_found", { reason: "conversation" });
  return {
    conversation: {
      id: conversationId,
      kind: record.kind,
      directKey: record.direct_key,
      encrypted: Boolean(record.encrypted),
      lastSeq: Number(record.last_seq),
      revision: Number(record.revision),
    },
    member: {
      userId,
      role: record.role,
      joinedSeq: Number(record.joined_seq),
      deliveredSeq: Number(record.delivered_seq),
      readSeq: Number(record.read_seq),
    },
  };
}

/** @throws ChatError `forbidden`, reason `role`, unless the member has one of the roles */
export function requireRole({ member }: Access, ...roles: Role[]): void {
  if (!roles.includes(member.role)) throw new ChatError("forbidden", { reason: "role" });
}

/** A direct conversation is its two people for ever. @throws ChatError `conflict`, reason `direct_conversation` */
export function requireGroup({ conversation }: Access): void {
  if (conversation.kind !== "group") throw new ChatError("conflict", { reason: "direct_conversation" });
}

/** One person's place in one conversation, as a key. */
export const memberKey = (conversationId: ConversationId, userId: UserId): string =>
  `${conversationId} ${userId}`;

/**
 * `memberKey` of those named who are in their conversations now, with one query for all of them: `requireMember` for
 * a batch. As certain as the locks that the transaction holds.
 */
export async function findMembers(
  tx: Transaction,
  people: ReadonlyMap<ConversationId, ReadonlySet<UserId>>,
): Promise<Set<string>> {
  const pairs = [...people].map(
    ([id, userIds]) =>
      Prisma.sql`(conversation_id = ${BigInt(id)} AND user_id IN (${Prisma.join([...userIds])}))`,
  );
  const records = await tx.$queryRaw<{ conversation_id: bigint; user_id: string }[]>`
    SELECT conversation_id, user_id FROM conversation_members
    WHERE left_at IS NULL AND (${Prisma.join(pairs, " OR ")})`;
  return new Set(records.map((record) => memberKey(String(record.conversation_id), record.user_id)));
}
