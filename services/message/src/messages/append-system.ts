import { randomUUID } from "node:crypto";
import type { Message, Role, UserId } from "@confab/contract";
import type { Queries } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { insertMessages, moveHeads } from "./append.ts";
import type { ConversationHead } from "./head.ts";
import type { StoredMessage } from "./row.ts";
import { toMessage } from "./view.ts";

/** What a system message tells, for clients to put into their reader's language. */
export type SystemEvent =
  | { event: "conversation_created"; title: string }
  | { event: "title_changed"; title: string }
  | { event: "avatar_changed"; avatarUrl: string | null }
  | { event: "settings_changed"; announcement?: boolean; slowModeSeconds?: number }
  | { event: "role_changed"; userId: UserId; role: Role }
  | { event: "members_added"; userIds: UserId[] }
  | { event: "member_removed"; userId: UserId }
  | { event: "member_banned"; userId: UserId }
  | { event: "member_left"; userId: UserId };

/** For clients that know nothing of `metadata.event`. */
const SENTENCES: Record<SystemEvent["event"], (event: never) => string> = {
  conversation_created: ({ title }: { title: string }) => `The conversation “${title}” begins here.`,
  title_changed: ({ title }: { title: string }) => `The conversation is now called “${title}”.`,
  avatar_changed: () => "The conversation has another picture.",
  settings_changed: () => "The conversation's settings were changed.",
  role_changed: ({ role }: { role: Role }) => `Somebody is now ${role}.`,
  members_added: ({ userIds }: { userIds: UserId[] }) =>
    userIds.length === 1 ? "Somebody joined." : `${userIds.length} people joined.`,
  member_removed: () => "Somebody was removed.",
  member_banned: () => "Somebody was removed and may not come back.",
  member_left: () => "Somebody left.",
};

/**
 * Adds a system message to a conversation that this transaction has locked: it takes a seq and a revision like any
 * other (P3, P4), and `head` moves with it. To be published with `publishCreated` after commit.
 */
export async function appendSystem(
  tx: Queries,
  ctx: MessageContext,
  head: ConversationHead,
  { actorId, metadata }: { actorId: UserId; metadata: SystemEvent },
): Promise<Message> {
  const [id] = await ctx.ids.message.next(1);
  const createdAt = new Date(ctx.clock.now());
  head.lastSeq += 1;
  head.revision += 1;
  const message: StoredMessage = {
    conversationId: head.id,
    seq: head.lastSeq,
    id: String(id),
    senderId: actorId,
    clientMessageId: randomUUID(),
    kind: "system",
    body: SENTENCES[metadata.event](metadata as never),
    metadata,
    mentions: [],
    replyToId: null,
    threadRootId: null,
    thread: null,
    schemaId: null,
    revision: head.revision,
    createdAt,
    editedAt: null,
    deletedAt: null,
    pinnedAt: null,
  };
  await tx.$executeRaw(insertMessages([message]));
  await tx.$executeRaw(moveHeads([head], createdAt));
  return toMessage(message, null);
}
