import { ChatError, type Conversation, type Role, type UserId } from "@confab/contract";
import type { Queries } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { writeAudit } from "../moderation/audit.ts";
import { requireNotBanned } from "../moderation/ban.ts";
import type { Access } from "./access.ts";
import { announceNew, announceRemoval } from "./announce.ts";
import { changeGroup, type GroupRequest } from "./change.ts";
import { requireUsers } from "./create.ts";
import { requireMay } from "./permissions.ts";
import { loadConversation } from "./view.ts";

export interface MemberRequest extends GroupRequest {
  /** Whom it is about. */
  userId: UserId;
}

/**
 * Adds somebody to a group; who is in it already stays as they are. What was said before is not theirs to count.
 * @throws ChatError `not_found` (conversation, user), `forbidden` (reason `banned` for who is kept out), `conflict`
 */
export async function addMember(ctx: MessageContext, request: MemberRequest): Promise<Conversation> {
  const { conversationId, userId } = request;
  const added = await changeGroup(ctx, request, async (tx, access) => {
    requireMay(access, "member:add");
    await requireUsers(ctx, [userId], tx);
    if (await findRole(tx, request)) return undefined;
    await requireNotBanned(tx, ctx, request);
    const { lastSeq, settings } = access.conversation;
    const visibleAfterSeq = settings.history === "joining" ? lastSeq : 0;
    const at = new Date(ctx.clock.now());
    // The watermarks of somebody who comes back only rise (P6).
    await tx.$executeRaw`
      INSERT INTO conversation_members
        (conversation_id, user_id, role, joined_seq, joined_at, visible_after_seq, delivered_seq, read_seq, notified_seq)
      VALUES (${BigInt(conversationId)}, ${userId}, 'member', ${lastSeq}, ${at}, ${visibleAfterSeq}, ${lastSeq},
        ${lastSeq}, ${lastSeq})
      ON DUPLICATE KEY UPDATE role = 'member', joined_seq = ${lastSeq}, joined_at = ${at}, left_at = NULL,
        visible_after_seq = ${visibleAfterSeq}, delivered_seq = ${lastSeq}, read_seq = ${lastSeq}, notified_seq = ${lastSeq}`;
    return { system: { event: "members_added", userIds: [userId] } };
  });
  if (added) announceNew(ctx, added, [userId]);
  return loadConversation(ctx.sql, conversationId);
}

/**
 * Takes somebody out of a group, or leaves it. Admins remove moderators and members, moderators remove members. The
 * last admin names another before they leave, unless nobody is left.
 * @throws ChatError `not_found` (conversation, member), `forbidden`, `conflict` (reason `last_admin`)
 */
export async function removeMember(ctx: MessageContext, request: MemberRequest): Promise<void> {
  const { actorId, conversationId, userId } = request;
  await changeGroup(ctx, request, async (tx, access) => {
    if (userId === actorId) await requireOtherAdmin(tx, access, { mayEmpty: true });
    else {
      requireMay(access, `remove:${await requireRoleOf(tx, access, request)}`);
      await writeAudit(tx, ctx, { conversationId, actorId, action: "member_removed", subjectId: userId });
    }
    await endMembership(tx, ctx, request);
    return { system: { event: userId === actorId ? "member_left" : "member_removed", userId } };
  });
  announceRemoval(ctx, conversationId, userId);
}

/**
 * Gives a member another role; only admins do.
 * @throws ChatError `not_found` (conversation, member), `forbidden`, `conflict` (reason `last_admin`)
 */
export async function changeRole(
  ctx: MessageContext,
  request: MemberRequest & { role: Role },
): Promise<Conversation> {
  const { actorId, conversationId, userId, role } = request;
  await changeGroup(ctx, request, async (tx, access) => {
    requireMay(access, "role:change");
    const before = await findRole(tx, request);
    if (!before) throw new ChatError("not_found", { reason: "member" });
    if (before === role) return undefined;
    if (userId === actorId) await requireOtherAdmin(tx, access, { mayEmpty: false });
    await tx.$executeRaw`
      UPDATE conversation_members SET role = ${role}
      WHERE conversation_id = ${BigInt(conversationId)} AND user_id = ${userId}`;
    const details = { from: before, to: role };
    await writeAudit(tx, ctx, {
      conversationId,
      actorId,
      action: "role_changed",
      subjectId: userId,
      details,
    });
    return { system: { event: "role_changed", userId, role } };
  });
  return loadConversation(ctx.sql, conversationId);
}

/** The person's row stays, with their watermarks; they are not in the group any more. */
export async function endMembership(
  tx: Queries,
  ctx: MessageContext,
  { conversationId, userId }: MemberRequest,
): Promise<void> {
  await tx.$executeRaw`
    UPDATE conversation_members SET left_at = ${new Date(ctx.clock.now())}
    WHERE conversation_id = ${BigInt(conversationId)} AND user_id = ${userId}`;
}

/** A group that has people has an admin. `mayEmpty`: the last person of all may go. */
async function requireOtherAdmin(
  tx: Queries,
  { conversation, member }: Access,
  { mayEmpty }: { mayEmpty: boolean },
): Promise<void> {
  if (member.role !== "admin") return;
  const others = await tx.$queryRaw<{ role: Role }[]>`
    SELECT DISTINCT role FROM conversation_members
    WHERE conversation_id = ${BigInt(conversation.id)} AND left_at IS NULL AND user_id <> ${member.userId}`;
  if (mayEmpty && others.length === 0) return;
  if (!others.some((other) => other.role === "admin")) {
    throw new ChatError("conflict", { reason: "last_admin" });
  }
}

/** Undefined for who is not in the group. */
export async function findRole(
  tx: Queries,
  { conversationId, userId }: MemberRequest,
): Promise<Role | undefined> {
  const [row] = await tx.$queryRaw<{ role: Role }[]>`
    SELECT role FROM conversation_members
    WHERE conversation_id = ${BigInt(conversationId)} AND user_id = ${userId} AND left_at IS NULL`;
  return row?.role;
}

/** Who may remove nobody does not learn who is there. */
async function requireRoleOf(tx: Queries, access: Access, request: MemberRequest): Promise<Role> {
  requireMay(access, "remove:member");
  const role = await findRole(tx, request);
  if (!role) throw new ChatError("not_found", { reason: "member" });
  return role;
}
