import type { Conversation, ConversationChange, ConversationSettings } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import type { SystemEvent } from "../messages/append-system.ts";
import { writeAudit } from "../moderation/audit.ts";
import type { Access } from "./access.ts";
import { changeGroup, type GroupRequest } from "./change.ts";
import { requireMay } from "./permissions.ts";
import { loadConversation } from "./view.ts";

/**
 * Renames a group, changes its picture (null takes it away) or its settings; what is as asked already changes nothing.
 * @throws ChatError `not_found`, `forbidden`, `conflict` (a direct conversation)
 */
export async function updateConversation(
  ctx: MessageContext,
  request: GroupRequest,
  { title, avatarUrl, ...asked }: ConversationChange,
): Promise<Conversation> {
  const { actorId, conversationId } = request;
  await changeGroup(ctx, request, async (tx, access) => {
    if (title !== undefined || avatarUrl !== undefined) requireMay(access, "profile:change");
    const settings = changedSettings(access, asked);
    if (title === undefined && avatarUrl === undefined && !settings) return undefined;
    await tx.conversation.update({
      where: { id: BigInt(conversationId) },
      data: { title, avatarUrl, ...settings },
    });
    if (settings) {
      const action = "settings_changed";
      await writeAudit(tx, ctx, { conversationId, actorId, action, subjectId: null, details: settings });
    }
    return { system: told({ title, avatarUrl }, settings) };
  });
  return loadConversation(ctx.sql, conversationId);
}

type Asked = Omit<ConversationChange, "title" | "avatarUrl">;

/** Those that differ from what is set. @throws ChatError `forbidden`, also for what is set already */
function changedSettings(
  access: Access,
  { announcement, slowModeSeconds }: Asked,
): Partial<ConversationSettings> | undefined {
  const { settings } = access.conversation;
  const changed: Partial<ConversationSettings> = {};
  if (announcement !== undefined) {
    requireMay(access, "announcement:change");
    if (announcement !== settings.announcement) changed.announcement = announcement;
  }
  if (slowModeSeconds !== undefined) {
    requireMay(access, "slow_mode:change");
    if (slowModeSeconds !== settings.slowModeSeconds) changed.slowModeSeconds = slowModeSeconds;
  }
  return Object.keys(changed).length > 0 ? changed : undefined;
}

/** One system message for one change: that of the name says the most. */
function told(
  { title, avatarUrl }: Pick<ConversationChange, "title" | "avatarUrl">,
  settings: Partial<ConversationSettings> | undefined,
): SystemEvent {
  if (title !== undefined) return { event: "title_changed", title };
  if (settings) return { event: "settings_changed", ...settings };
  return { event: "avatar_changed", avatarUrl: avatarUrl ?? null };
}
