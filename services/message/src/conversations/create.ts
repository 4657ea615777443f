import {
  ChatError,
  type Conversation,
  type ConversationId,
  type ConversationSettings,
  type CreateConversation,
  type UserId,
} from "@confab/contract";
import { isDuplicateKey, Prisma, type Queries } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { DEFAULT_SETTINGS, insertConversation } from "./insert.ts";
import { loadConversation } from "./view.ts";

/** @throws ChatError `invalid` (with oneself), `not_found` (a person who does not exist) */
export async function createConversation(
  ctx: MessageContext,
  userId: UserId,
  input: CreateConversation,
): Promise<Conversation> {
  const id =
    input.kind === "direct"
      ? await ensureDirect(ctx, userId, input.userId)
      : await createGroup(ctx, userId, input);
  return loadConversation(ctx.sql, id, { viewerId: userId });
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

/** The direct conversation of a pair, if there is one; `key` is both ids sorted, with a space between. */
export async function findDirect(ctx: MessageContext, key: string): Promise<ConversationId | undefined> {
  const [row] = await ctx.sql.$queryRaw<{ id: bigint }[]>`
    SELECT id FROM conversations WHERE direct_key = ${key}`;
  return row && String(row.id);
}

async function createDirect(ctx: MessageContext, key: string, creatorId: UserId): Promise<ConversationId> {
  const people = key.split(" ");
  await requireUsers(ctx, people);
  const members = people.map((userId) => ({ userId, role: "member" as const }));
  try {
    const made = await insertConversation(ctx, {
      kind: "direct",
      directKey: key,
      title: null,
      creatorId,
      members,
    });
    return made.id;
  } catch (error) {
    // Whoever was first has committed, or their row would not have been in the way.
    const first = isDuplicateKey(error, "ux_conversations_direct_key") && (await findDirect(ctx, key));
    if (!first) throw error;
    return first;
  }
}

async function createGroup(
  ctx: MessageContext,
  creatorId: UserId,
  { title, memberIds, ...settings }: Extract<CreateConversation, { kind: "group" }>,
): Promise<ConversationId> {
  const people = [...new Set([creatorId, ...memberIds])];
  await requireUsers(ctx, people);
  const members = people.map((userId) => ({
    userId,
    role: userId === creatorId ? ("admin" as const) : ("member" as const),
  }));
  const made = await insertConversation(ctx, {
    kind: "group",
    directKey: null,
    title,
    settings: settingsOf(settings),
    creatorId,
    members,
  });
  return made.id;
}

const settingsOf = ({ history, announcement, slowModeSeconds }: Partial<ConversationSettings>) => ({
  history: history ?? DEFAULT_SETTINGS.history,
  announcement: announcement ?? DEFAULT_SETTINGS.announcement,
  slowModeSeconds: slowModeSeconds ?? DEFAULT_SETTINGS.slowModeSeconds,
});

/** @throws ChatError `not_found`, reason `user`, unless all of them exist */
export async function requireUsers(
  ctx: MessageContext,
  userIds: UserId[],
  db: Queries = ctx.sql,
): Promise<void> {
  const unsure = userIds.filter((userId) => !ctx.caches.knownUsers.has(userId));
  if (unsure.length === 0) return;
  const rows = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM users WHERE id IN (${Prisma.join(unsure)})`;
  for (const { id } of rows) ctx.caches.knownUsers.set(id, true);
  if (rows.length < unsure.length) throw new ChatError("not_found", { reason: "user" });
}
