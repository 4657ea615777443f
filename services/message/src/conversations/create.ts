import {
  ChatError,
  type Conversation,
  type ConversationId,
  type CreateConversation,
  type UserId,
} from "@confab/contract";
import { isDuplicateKey, Prisma, type Transaction, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "./access.ts";
import { announceNew } from "./announce.ts";
import { loadConversation } from "./view.ts";

/** Being made is a conversation's first change, so a client that knows nothing of it (0) sees that it is behind. */
const FIRST_REVISION = 1;

/** @throws ChatError `invalid` (with oneself), `not_found` (a person who does not exist) */
export async function createConversation(
  ctx: MessageContext,
  userId: UserId,
  input: CreateConversation,
): Promise<Conversation> {
  const id =
    input.kind === "direct"
      ? await ensureDirect(ctx, userId, input.userId)
      : await createGroup(ctx, { creatorId: userId, title: input.title, memberIds: input.memberIds });
  await requireMember(ctx.prisma, { userId, conversationId: id });
  return loadConversation(ctx.prisma, id);
}

/**
 * The direct conversation of two people: always the same one, however many ask for it at once.
 * @throws ChatError `invalid`, reason `yourself`; `not_found`, reason `user`
 */
export async function ensureDirect(ctx: MessageContext, a: UserId, b: UserId): Promise<ConversationId> {
  if (a === b) throw new ChatError("invalid", { reason: "yourself" });
  const key = [a, b].sort().join(" ");
  const cached = ctx.caches.directIds.get(key);
  if (cached) return cached;
  const id = (await findDirect(ctx, key)) ?? (await createDirect(ctx, key, a));
  ctx.caches.directIds.set(key, id);
  return id;
}

async function findDirect(ctx: MessageContext, key: string): Promise<ConversationId | undefined> {
  const [row] = await ctx.prisma.$queryRaw<{ id: bigint }[]>`
    SELECT id FROM conversations WHERE direct_key = ${key}`;
  return row && String(row.id);
}

async function createDirect(ctx: MessageContext, key: string, creatorId: UserId): Promise<ConversationId> {
  const people = key.split(" ");
  await requireUsers(ctx, people);
  try {
    const members = people.map((userId) => ({ userId, role: "member" as const }));
    const id = await insertConversation(ctx, {
      kind: "direct",
      directKey: key,
      title: null,
      creatorId,
      members,
    });
    await announceNew(ctx, id, people);
    return id;
  } catch (error) {
    if (!isDuplicateKey(error, "ux_conversations_direct_key")) throw error;
    // Somebody else was first, and has committed: or their row would not have been in the way.
    const id = await findDirect(ctx, key);
    if (!id) throw error;
    return id;
  }
}

interface NewGroup {
  creatorId: UserId;
  title: string;
  /** The creator is one anyway; a repeat counts once. */
  memberIds: UserId[];
}

async function createGroup(
  ctx: MessageContext,
  { creatorId, title, memberIds }: NewGroup,
): Promise<ConversationId> {
  const people = [...new Set([creatorId, ...memberIds])];
  await requireUsers(ctx, people);
  const id = await insertConversation(ctx, {
    kind: "group",
    directKey: null,
    title,
    creatorId,
    members: people.map((userId) => ({ userId, role: userId === creatorId ? "admin" : "member" })),
  });
  await announceNew(ctx, id, people);
  return id;
}

/** @throws ChatError `not_found`, reason `user`, unless all of them exist */
export async function requireUsers(ctx: MessageContext, userIds: UserId[]): Promise<void> {
  const unsure = userIds.filter((userId) => !ctx.caches.knownUsers.has(userId));
  if (unsure.length === 0) return;
  const rows = await ctx.prisma.$queryRaw<{ id: string }[]>`
    SELECT id FROM users WHERE id IN (${Prisma.join(unsure)})`;
  for (const { id } of rows) ctx.caches.knownUsers.set(id, true);
  if (rows.length < new Set(unsure).size) throw new ChatError("not_found", { reason: "user" });
}

interface NewConversation {
  kind: "direct" | "group";
  directKey: string | null;
  title: string | null;
  creatorId: UserId;
  members: { userId: UserId; role: "admin" | "member" }[];
}

async function insertConversation(ctx: MessageContext, input: NewConversation): Promise<ConversationId> {
  const [id] = (await ctx.ids.conversation.next(1)) as [bigint];
  const at = new Date(ctx.clock.now());
  const rows = input.members.map(({ userId, role }) => Prisma.sql`(${id}, ${userId}, ${role}, ${at})`);
  const insert = async (tx: Transaction) => {
    await tx.$executeRaw`
      INSERT INTO conversations (id, kind, direct_key, title, settings, revision, created_by, created_at)
      VALUES (${id}, ${input.kind}, ${input.directKey}, ${input.title}, '{}', ${FIRST_REVISION},
        ${input.creatorId}, ${at})`;
    await tx.$executeRaw`
      INSERT INTO conversation_members (conversation_id, user_id, role, joined_at) VALUES ${Prisma.join(rows)}`;
  };
  await withTransaction(ctx.prisma, insert, { random: ctx.random });
  return String(id);
}
