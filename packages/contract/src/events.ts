import { z } from "zod";
import { DeleteMessage, EditMessage, MessageRef, ReactionRef, SendMessage, SendReceipt } from "./commands.ts";
import {
  Conversation,
  Head,
  Member,
  Message,
  Notification,
  Presence,
  Timestamp,
  Watermarks,
} from "./entities.ts";
import type { WireError } from "./errors.ts";
import { GROUP_COMMANDS } from "./groups.ts";
import { ConversationId, Revision, Seq, UserId } from "./ids.ts";
import { LIMITS, type RateLimitName } from "./limits.ts";
import { MODERATION_COMMANDS, MODERATION_EVENTS } from "./moderation.ts";
import { PEOPLE_COMMANDS, PEOPLE_EVENTS } from "./people.ts";
import { HiddenMessage, READING_COMMANDS, READING_EVENTS } from "./reading.ts";
import { SEARCH_COMMANDS } from "./search.ts";
import { THREAD_COMMANDS, THREAD_EVENTS } from "./threads.ts";

/** What a client puts in `auth` when it connects. `active` is whether its window has focus. */
export const Handshake = z.looseObject({
  token: z.string().max(8192).optional(),
  protocol: z.int().optional(),
  active: z.boolean().optional(),
  dialect: z.string().optional(),
});
export type Handshake = z.infer<typeof Handshake>;

const Cursors = z
  .record(ConversationId, Revision)
  .refine((cursors) => Object.keys(cursors).length <= LIMITS.cursorsPerSync, {
    message: `at most ${LIMITS.cursorsPerSync} cursors`,
  });

export const SyncRequest = z.strictObject({ cursors: Cursors });
export type SyncRequest = z.infer<typeof SyncRequest>;

/** What changed in one conversation after a cursor, oldest change first; ask again while `hasMore`. */
export const SyncedConversation = z.object({
  conversationId: ConversationId,
  revision: Revision,
  conversation: Conversation,
  members: z.array(Member),
  messages: z.array(Message),
  hasMore: z.boolean(),
});
export type SyncedConversation = z.infer<typeof SyncedConversation>;

export const SyncReply = z.object({
  conversations: z.array(SyncedConversation),
  unknown: z.array(ConversationId),
});
export type SyncReply = z.infer<typeof SyncReply>;

/** `personalRevision`: how far what is the person's own has come, see `personal:sync`. */
export const HeadsReply = z.object({
  heads: z.array(Head),
  hasMore: z.boolean(),
  serverTime: Timestamp,
  personalRevision: Revision,
});
export type HeadsReply = z.infer<typeof HeadsReply>;

const UserIds = z.array(UserId).min(1).max(LIMITS.usersPerWatch);
const ReceiptMark = z.strictObject({ conversationId: ConversationId, seq: Seq });
const TypingMark = z.strictObject({ conversationId: ConversationId });
const Nothing = z.object({});

interface Command {
  /** What it does, for the generated reference. */
  about: string;
  payload: z.ZodType;
  /** Absent: the command is volatile, is not acknowledged, and may be dropped. */
  ack?: z.ZodObject;
  limit: RateLimitName;
}

/** Client → server. An ack is `{ ok: true, …fields }` or `{ ok: false, error }`. */
export const COMMANDS = {
  "message:send": { about: "Send a message.", payload: SendMessage, ack: SendReceipt, limit: "send" },
  "message:edit": {
    about: "Change the text of your own message; `expectedRevision` refuses a concurrent change.",
    payload: EditMessage,
    ack: z.object({ message: Message }),
    limit: "change",
  },
  "message:delete": {
    about:
      "Delete for everyone (a tombstone keeps the seq) or for yourself, which answers with what is `hidden` now.",
    payload: DeleteMessage,
    ack: z.object({ hidden: HiddenMessage.optional() }),
    limit: "change",
  },
  "message:pin": {
    about: "Pin a message.",
    payload: MessageRef,
    ack: z.object({ message: Message }),
    limit: "change",
  },
  "message:unpin": {
    about: "Unpin a message.",
    payload: MessageRef,
    ack: z.object({ message: Message }),
    limit: "change",
  },
  "reaction:add": {
    about: "React; a repeat changes nothing.",
    payload: ReactionRef,
    ack: z.object({ message: Message }),
    limit: "change",
  },
  "reaction:remove": {
    about: "Take a reaction back; a repeat changes nothing.",
    payload: ReactionRef,
    ack: z.object({ message: Message }),
    limit: "change",
  },
  "receipt:delivered": {
    about: "This device holds everything up to `seq`.",
    payload: ReceiptMark,
    ack: Watermarks,
    limit: "receipt",
  },
  "receipt:read": {
    about: "The person has seen everything up to `seq`.",
    payload: ReceiptMark,
    ack: Watermarks,
    limit: "receipt",
  },
  "typing:start": { about: "Typing; repeat every 2 s while it lasts.", payload: TypingMark, limit: "typing" },
  "typing:stop": { about: "No longer typing.", payload: TypingMark, limit: "typing" },
  "activity:set": {
    about: "Whether the window has focus, and which conversation is on screen.",
    payload: z.strictObject({ active: z.boolean(), conversationId: ConversationId.nullish() }),
    ack: Nothing,
    limit: "activity",
  },
  "presence:watch": {
    about: "Follow people; those with whom you share nothing are left out of the answer.",
    payload: z.strictObject({ userIds: UserIds }),
    ack: z.object({ presences: z.array(Presence) }),
    limit: "read",
  },
  "presence:unwatch": {
    about: "Follow them no longer.",
    payload: z.strictObject({ userIds: UserIds }),
    ack: Nothing,
    limit: "read",
  },
  ...PEOPLE_COMMANDS,
  "conversation:sync": {
    about: "Everything that changed after your cursors, in its present state.",
    payload: SyncRequest,
    ack: SyncReply,
    limit: "read",
  },
  "conversation:heads": {
    about: "The heads of your most recently active conversations, as `ready` gave them.",
    payload: z.strictObject({}),
    ack: HeadsReply,
    limit: "read",
  },
  ...GROUP_COMMANDS,
  ...MODERATION_COMMANDS,
  ...READING_COMMANDS,
  ...THREAD_COMMANDS,
  ...SEARCH_COMMANDS,
  "auth:refresh": {
    about: "Put a fresh token of the same person in place of the one that expires.",
    payload: z.strictObject({ token: z.string().min(1).max(8192) }),
    ack: z.object({ expiresAt: Timestamp }),
    limit: "activity",
  },
} as const satisfies Record<string, Command>;

export type CommandName = keyof typeof COMMANDS;
export type CommandPayload<N extends CommandName> = z.output<(typeof COMMANDS)[N]["payload"]>;
export type CommandInput<N extends CommandName> = z.input<(typeof COMMANDS)[N]["payload"]>;
export type CommandResult<N extends CommandName> = (typeof COMMANDS)[N] extends {
  ack: infer A extends z.ZodType;
}
  ? z.output<A>
  : undefined;
export type Ack<T> = ({ ok: true } & T) | { ok: false; error: WireError };

/** What made a `message:updated`, for clients that show changes rather than states. */
export const MessageChange = z.object({
  kind: z.enum(["edited", "deleted", "pinned", "unpinned", "reaction_added", "reaction_removed"]),
  userId: UserId,
  emoji: z.string().optional(),
});
export type MessageChange = z.infer<typeof MessageChange>;

/** A message in its present state. */
export const UpdatedMessage = Message.extend({ change: MessageChange.optional() }).meta({
  id: "UpdatedMessage",
});
export type UpdatedMessage = z.infer<typeof UpdatedMessage>;

/** Watermarks where they are now, and where they were. */
export const MovedWatermarks = Watermarks.extend({
  before: Watermarks.pick({ deliveredSeq: true, readSeq: true }).optional(),
}).meta({ id: "MovedWatermarks" });
export type MovedWatermarks = z.infer<typeof MovedWatermarks>;

export const Ready = HeadsReply.extend({ userId: UserId, connectionId: z.string() });
export type Ready = z.infer<typeof Ready>;

/** Server → client. */
export const EVENTS = {
  ready: {
    about: "The connection is signed in; compare the heads with what you hold and sync.",
    payload: Ready,
  },
  "message:created": { about: "A new message.", payload: Message },
  "message:updated": {
    about: "A message changed: edited, deleted, reacted to, pinned.",
    payload: UpdatedMessage,
  },
  "receipt:updated": { about: "A watermark moved.", payload: MovedWatermarks },
  "typing:changed": {
    about: "Everyone now typing in a conversation; forget it after 6 s without news.",
    payload: z.object({ conversationId: ConversationId, userIds: z.array(UserId) }),
  },
  "presence:changed": {
    about: "People you watch, at most one batch a second.",
    payload: z.object({ presences: z.array(Presence) }),
  },
  ...PEOPLE_EVENTS,
  "conversation:updated": {
    about: "A conversation is new to you, or its title or members changed.",
    payload: z.object({ conversation: Conversation }),
  },
  "conversation:removed": {
    about: "You are no longer in this conversation.",
    payload: z.object({ conversationId: ConversationId }),
  },
  head: {
    about:
      "Something may have been lost on the way: sync every conversation whose revision is ahead of yours.",
    payload: z.object({ revisions: z.record(ConversationId, Revision) }),
  },
  "server:draining": {
    about: "This gateway is going away: reconnect after `reconnectInMs`.",
    payload: z.object({ reconnectInMs: z.int().min(0) }),
  },
  "auth:expiring": {
    about: "The token ends soon: send `auth:refresh`.",
    payload: z.object({ expiresAt: Timestamp }),
  },
  ...MODERATION_EVENTS,
  ...READING_EVENTS,
  ...THREAD_EVENTS,
  "notification:created": { about: "A notification was written for you.", payload: Notification },
} as const satisfies Record<string, { about: string; payload: z.ZodType }>;

export type EventName = keyof typeof EVENTS;
export type EventPayload<N extends EventName> = z.output<(typeof EVENTS)[N]["payload"]>;

/** For `Server<ClientToServerEvents, ServerToClientEvents>` of Socket.IO and its client. */
export type ServerToClientEvents = { [N in EventName]: (payload: EventPayload<N>) => void };
export type ClientToServerEvents = {
  [N in CommandName]: (
    payload: CommandInput<N>,
    ack?: (answer: Ack<NonNullable<CommandResult<N>>>) => void,
  ) => void;
};
