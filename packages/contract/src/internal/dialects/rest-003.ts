/** The REST of seed 003: its paths and its words, as routes, and the native things in its shapes. Pure. */
import { z } from "zod";
import { Emoji } from "../../commands.ts";
import { Body, type ConversationSummary, type Message, Role, Timestamp, type User } from "../../entities.ts";
import type { HttpRoute } from "../../http/route.ts";
import { IdempotencyKey } from "../../http/route.ts";
import { ConversationId, MessageId, UserId } from "../../ids.ts";
import { LIMITS } from "../../limits.ts";
import { toSeedRow } from "./d003.ts";
import { AnyConversationId, AnyUserId } from "./shared.ts";

/** A limit beyond ours is taken for ours: the client asks for its next page by what it got. */
const Page = z.object({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .transform((limit) => Math.min(limit, LIMITS.listPage))
    .default(50),
  offset: z.coerce.number().int().min(0).max(4_294_967_295).default(0),
});

/** Sealed words are carried byte for byte; plain ones may come beside them in examples, and then lose. */
const Words = z
  .object({ content_encrypted: Body.nullish(), content: Body.nullish() })
  .refine(({ content_encrypted, content }) => !!content_encrypted || !!content?.trim(), {
    message: "give content_encrypted or content",
    path: ["content_encrypted"],
  });

const SeedMessage = z
  .object({
    id: MessageId,
    conversation_id: ConversationId,
    sender_id: UserId,
    content_encrypted: z.string().nullable(),
    content: z.string().nullable().optional(),
    is_encrypted: z.boolean(),
    message_type: z.string().meta({ description: "text, image, file, system or voice" }),
    is_edited: z.boolean(),
    is_deleted: z.boolean(),
    created_at: Timestamp,
    reactions: z.array(z.object({ emoji: z.string(), count: z.int(), user_ids: z.array(UserId) })),
  })
  .meta({ id: "Seed003Message" });
export type SeedMessage = z.infer<typeof SeedMessage>;

const SeedParticipant = z.object({
  user_id: UserId,
  username: z.string().nullable(),
  display_name: z.string(),
  avatar_url: z.string().nullable(),
  role: Role,
});

const SeedConversation = z
  .object({
    id: ConversationId,
    type: z.enum(["direct", "group"]),
    title: z.string().nullable(),
    avatar_url: z.string().nullable(),
    created_at: Timestamp,
    last_message_at: Timestamp.nullable(),
    unread_count: z.int(),
    participants: z.array(SeedParticipant).meta({ description: "At most 200 of them" }),
    last_message: SeedMessage.nullable(),
  })
  .meta({ id: "Seed003Conversation" });
export type SeedConversation = z.infer<typeof SeedConversation>;

const MemberIds = z.array(AnyUserId).max(LIMITS.membersPerCreate);
const InConversation = z.object({ conversationId: ConversationId });
const OfMessage = z.object({ messageId: MessageId });
const Person = z.object({ user_id: AnyUserId });

/** Unknown fields are ignored: that seed's clients send more than its document names. */
export const SEED_003_ROUTES = {
  seed003CreateDirect: {
    about: "Open the direct conversation with somebody.",
    method: "POST",
    path: "/api/conversations/direct",
    auth: "user",
    body: Person,
    status: 201,
    reply: SeedConversation,
    limit: "change",
  },
  seed003CreateGroup: {
    about: "Make a group.",
    method: "POST",
    path: "/api/conversations/group",
    auth: "user",
    body: z.object({
      title: z.string().trim().min(1).max(LIMITS.titleLength),
      participant_ids: MemberIds.default([]),
    }),
    status: 201,
    reply: SeedConversation,
    limit: "change",
  },
  seed003ListConversations: {
    about: "Your conversations, newest activity first.",
    method: "GET",
    path: "/api/conversations",
    auth: "user",
    query: Page,
    status: 200,
    reply: z.object({ conversations: z.array(SeedConversation), total: z.int() }),
    limit: "read",
  },
  seed003GetConversation: {
    about: "One conversation of yours.",
    method: "GET",
    path: "/api/conversations/:conversationId",
    auth: "user",
    params: InConversation,
    status: 200,
    reply: SeedConversation,
    limit: "read",
  },
  seed003AddParticipant: {
    about: "Add a person to a group.",
    method: "POST",
    path: "/api/conversations/:conversationId/participants",
    auth: "user",
    params: InConversation,
    body: Person,
    status: 200,
    reply: SeedConversation,
    limit: "change",
  },
  seed003RemoveParticipant: {
    about: "Take a person out of a group; yourself: leave it, and the answer names nobody.",
    method: "DELETE",
    path: "/api/conversations/:conversationId/participants/:userId",
    auth: "user",
    params: InConversation.extend({ userId: UserId }),
    status: 200,
    reply: z.union([
      SeedConversation,
      z.object({ id: ConversationId, participants: z.array(SeedParticipant).length(0) }),
    ]),
    limit: "change",
  },
  seed003ListMessages: {
    about: "History, newest first, by position.",
    method: "GET",
    path: "/api/messages/:conversationId",
    auth: "user",
    params: InConversation,
    query: Page,
    status: 200,
    reply: z.object({ messages: z.array(SeedMessage), total: z.int() }),
    limit: "read",
  },
  seed003SendMessage: {
    about: "Send a message; `Idempotency-Key` makes a retry harmless.",
    method: "POST",
    path: "/api/messages",
    auth: "user",
    headers: IdempotencyKey,
    body: z.intersection(Words, z.object({ conversation_id: AnyConversationId })),
    status: 201,
    reply: SeedMessage,
    limit: "send",
  },
  seed003EditMessage: {
    about: "Change your own message; sealed words stay sealed, plain ones plain.",
    method: "PATCH",
    path: "/api/messages/:messageId",
    auth: "user",
    params: OfMessage,
    body: Words,
    status: 200,
    reply: SeedMessage,
    limit: "change",
  },
  seed003DeleteMessage: {
    about: "Delete a message for everyone.",
    method: "DELETE",
    path: "/api/messages/:messageId",
    auth: "user",
    params: OfMessage,
    status: 200,
    reply: z.object({ success: z.literal(true) }),
    limit: "change",
  },
  seed003SetStatus: {
    about: "You received a message, or read it, and with it what came before.",
    method: "POST",
    path: "/api/messages/:messageId/status",
    auth: "user",
    params: OfMessage,
    body: z.object({ status_type: z.enum(["delivered", "read"]) }),
    status: 200,
    reply: z.object({ message_id: MessageId, status_type: z.enum(["delivered", "read"]) }),
    limit: "receipt",
  },
  seed003AddReaction: {
    about: "React to a message.",
    method: "POST",
    path: "/api/messages/:messageId/reactions",
    auth: "user",
    params: OfMessage,
    body: z.object({ emoji: Emoji }),
    status: 200,
    reply: z.object({ message_id: MessageId, reaction_emoji: z.string() }),
    limit: "change",
  },
} as const satisfies Record<string, HttpRoute>;

/** The form of every refusal. */
export const Seed003Error = z.object({
  success: z.literal(false),
  error: z.string(),
  code: z.string(),
  reason: z.string(),
});

/** As over sockets, with what people made of it; what is deleted has no words. */
export function toSeedMessage(message: Message): SeedMessage {
  const row = toSeedRow(message);
  const words = row.is_deleted
    ? { content_encrypted: null, ...(!row.is_encrypted && { content: null }) }
    : {};
  const reactions = message.reactions.map(({ emoji, count, userIds }) => ({
    emoji,
    count,
    user_ids: userIds,
  }));
  return { ...row, ...words, reactions };
}

const toParticipant = ({ user, role }: { user: User; role: Role }) => ({
  user_id: user.id,
  username: user.username,
  display_name: user.displayName,
  avatar_url: user.avatarUrl,
  role,
});

export const toSeedConversation = (conversation: ConversationSummary): SeedConversation => ({
  id: conversation.id,
  type: conversation.kind,
  title: conversation.title,
  avatar_url: conversation.avatarUrl,
  created_at: conversation.createdAt,
  last_message_at: conversation.lastMessageAt,
  unread_count: conversation.unreadCount,
  participants: conversation.members.map(toParticipant),
  last_message: conversation.lastMessage && toSeedMessage(conversation.lastMessage),
});
