import { type Ban, type BanTerms, ChatError, type ConversationId, type UserId } from "@confab/contract";
import type { ModelTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { announceRemoval } from "../conversations/announce.ts";
import { changeGroup } from "../conversations/change.ts";
import { requireUsers } from "../conversations/create.ts";
import { endMembership, findRole, type MemberRequest } from "../conversations/members.ts";
import { requireMay } from "../conversations/permissions.ts";
import { writeAudit } from "./audit.ts";

interface StoredBan {
  userId: string;
  bannedBy: string;
  reason: string | null;
  createdAt: Date;
  expiresAt: Date | null;
}

const toBan = ({ userId, bannedBy, reason, createdAt, expiresAt }: StoredBan): Ban => ({
  userId,
  bannedBy,
  reason,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt?.toISOString() ?? null,
});

const inForce = (ctx: Pick<MessageContext, "clock">) => ({
  OR: [{ expiresAt: null }, { expiresAt: { gt: new Date(ctx.clock.now()) } }],
});

/**
 * Takes somebody out of a group and keeps them out, until a time or until it is lifted; who is not in it is kept from
 * being added. Another ban of the same person takes the place of the first.
 * @throws ChatError `not_found` (conversation, user), `forbidden`, `conflict`, `invalid` (oneself, a time that is past)
 */
export async function banMember(
  ctx: MessageContext,
  request: MemberRequest,
  { reason, expiresAt }: BanTerms,
): Promise<Ban> {
  const { actorId, conversationId, userId } = request;
  const at = new Date(ctx.clock.now());
  const until = expiresAt == null ? null : new Date(expiresAt);
  const terms = { bannedBy: actorId, reason: reason ?? null, createdAt: at, expiresAt: until };
  const key = { conversationId: BigInt(conversationId), userId };
  const change = await changeGroup(ctx, request, async (tx, access) => {
    requireMay(access, "remove:member");
    if (userId === actorId) throw new ChatError("invalid", { reason: "yourself" });
    if (until && until <= at) throw new ChatError("invalid", { reason: "invalid:expiresAt" });
    await requireUsers(ctx, [userId], tx);
    const role = await findRole(tx, request);
    if (role) requireMay(access, `remove:${role}`);
    await tx.ban.upsert({
      where: { conversationId_userId: key },
      create: { ...key, ...terms },
      update: terms,
    });
    const details = { reason: terms.reason, expiresAt: until?.toISOString() ?? null };
    await writeAudit(tx, ctx, {
      conversationId,
      actorId,
      action: "member_banned",
      subjectId: userId,
      details,
    });
    if (!role) return undefined;
    await endMembership(tx, ctx, request);
    return { system: { event: "member_banned", userId } };
  });
  if (change) announceRemoval(ctx, conversationId, userId);
  return toBan({ userId, ...terms });
}

/** Lets somebody be added again; one that is not there changes nothing. @throws ChatError `not_found`, `forbidden` */
export async function liftBan(ctx: MessageContext, request: MemberRequest): Promise<void> {
  const { actorId, conversationId, userId } = request;
  await changeGroup(ctx, request, async (tx, access) => {
    requireMay(access, "ban:lift");
    const { count } = await tx.ban.deleteMany({ where: { conversationId: BigInt(conversationId), userId } });
    if (count > 0) {
      await writeAudit(tx, ctx, { conversationId, actorId, action: "ban_lifted", subjectId: userId });
    }
    // The members stay as they are, so there is nothing to tell them.
    return undefined;
  });
}

/** Bans in force, by the ids of the people. @throws ChatError `not_found`, `forbidden` */
export async function listBans(
  ctx: MessageContext,
  input: { userId: UserId; conversationId: ConversationId; cursor?: UserId | undefined; limit: number },
): Promise<{ items: Ban[]; nextCursor: string | null }> {
  const { conversationId, cursor, limit } = input;
  requireMay(await requireMember(ctx.sql, input), "ban:list");
  const rows = await ctx.prisma.ban.findMany({
    where: {
      conversationId: BigInt(conversationId),
      ...(cursor !== undefined && { userId: { gt: cursor } }),
      ...inForce(ctx),
    },
    orderBy: { userId: "asc" },
    take: limit + 1,
  });
  const page = rows.slice(0, limit);
  return { items: page.map(toBan), nextCursor: rows.length > limit ? (page.at(-1)?.userId ?? null) : null };
}

/** @throws ChatError `forbidden`, reason `banned` */
export async function requireNotBanned(
  tx: ModelTransaction,
  ctx: Pick<MessageContext, "clock">,
  { conversationId, userId }: { conversationId: ConversationId; userId: UserId },
): Promise<void> {
  const ban = await tx.ban.findFirst({
    where: { conversationId: BigInt(conversationId), userId, ...inForce(ctx) },
    select: { userId: true },
  });
  if (ban) throw new ChatError("forbidden", { reason: "banned" });
}
