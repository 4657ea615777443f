import { z } from "zod";
import { ClientMessageId, ConversationId, MessageId, Revision, Seq, UserId } from "./ids.ts";
import { LIMITS } from "./limits.ts";

/** ISO 8601 in UTC with milliseconds. */
export const Timestamp = z.iso.datetime({ precision: 3 }).meta({ description: "UTC, milliseconds" });

const utf8 = new TextEncoder();
/** Every UTF-16 unit is at most three UTF-8 bytes, so most strings need no encoding to be judged. */
export const fitsUtf8 = (text: string, bytes: number): boolean =>
  text.length * 3 <= bytes || (text.length <= bytes && utf8.encode(text).length <= bytes);

export const Body = z
  .string()
  .refine((text) => fitsUtf8(text, LIMITS.bodyBytes), {
    message: `at most ${LIMITS.bodyBytes} bytes of UTF-8`,
    params: { code: "too_large" },
  })
  .refine((text) => text.isWellFormed(), { message: "must be well-formed Unicode" });

/** Half of a surrogate pair is no text: MySQL could not store it. */
export const wellFormed = (text: z.ZodString) =>
  text.refine((value) => value.isWellFormed(), { message: "must be well-formed Unicode" });

/** What every database stores: MariaDB takes 31 levels, and none takes half of a surrogate pair. */
const isStorable = (value: unknown, levels: number): boolean => {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return (
    levels > 0 &&
    Object.entries(value).every(([key, inner]) => key.isWellFormed() && isStorable(inner, levels - 1))
  );
};

/** The host product's own data beside a message: kept and returned, never interpreted. What may be sent is less. */
export const Metadata = z
  .record(z.string(), z.unknown())
  .refine((value) => isStorable(value, LIMITS.metadataLevels), {
    message: `well-formed Unicode, at most ${LIMITS.metadataLevels} levels deep`,
    // What comes next would overflow the stack on what this refuses.
    abort: true,
  })
  .refine((value) => fitsUtf8(JSON.stringify(value), LIMITS.customBytes), {
    message: `at most ${LIMITS.customBytes} bytes of JSON`,
    params: { code: "too_large" },
  });

export const MessageKind = z.enum(["text", "image", "file", "voice", "code", "system", "sealed", "custom"]);
export type MessageKind = z.infer<typeof MessageKind>;

export const UserKind = z.enum(["human", "bot", "service"]);

export const User = z
  .object({
    id: UserId,
    username: z.string().nullable(),
    displayName: z.string(),
    avatarUrl: z.string().nullable(),
    kind: UserKind,
  })
  .meta({ id: "User" });
export type User = z.infer<typeof User>;

export const Reaction = z.object({
  emoji: z.string(),
  count: z.int(),
  userIds: z.array(UserId).max(LIMITS.reactionUsers),
  mine: z.boolean().meta({
    description:
      "Whether the reader is among them; false in events, where one looks at `userIds`, latest first",
  }),
});

export const MessageQuote = z.object({
  id: MessageId,
  seq: Seq,
  senderId: UserId,
  kind: MessageKind,
  body: z.string().nullable(),
});

/** Names what made the metadata of a `custom` message, with its version: `acme.order/2`. */
export const SchemaId = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$/)
  .meta({ description: "Schema id: 1–100 of A–Z a–z 0–9 . _ : / -" });

/** Of a message that was answered in its thread; every reply is a change of it. Deleted replies keep their place. */
export const ThreadSummary = z.object({
  replyCount: z.int(),
  lastReplySeq: Seq,
  lastReplyAt: Timestamp,
});
export type ThreadSummary = z.infer<typeof ThreadSummary>;

/** A message in its present state. A deleted one keeps its seq and loses its body. */
export const Message = z
  .object({
    id: MessageId,
    conversationId: ConversationId,
    seq: Seq,
    revision: Revision,
    senderId: UserId,
    kind: MessageKind,
    body: z.string().nullable(),
    metadata: Metadata.nullable(),
    clientMessageId: ClientMessageId,
    createdAt: Timestamp,
    editedAt: Timestamp.nullable(),
    deletedAt: Timestamp.nullable(),
    pinnedAt: Timestamp.nullable(),
    replyTo: MessageQuote.nullable(),
    threadRootId: MessageId.nullable().meta({ description: "The thread that it belongs to" }),
    thread: ThreadSummary.nullable().meta({ description: "Of a thread's root: what was answered" }),
    schemaId: SchemaId.nullable(),
    mentions: z.array(UserId),
    attachments: z.array(z.unknown()),
    reactions: z.array(Reaction),
  })
  .meta({ id: "Message" });
export type Message = z.infer<typeof Message>;

export const Role = z.enum(["admin", "moderator", "member"]);
export type Role = z.infer<typeof Role>;

/** A member with their watermarks: `readSeq ≤ deliveredSeq ≤ lastSeq`, both only ever rise (P6). */
export const Member = z
  .object({
    userId: UserId,
    role: Role,
    joinedSeq: Seq,
    deliveredSeq: Seq,
    readSeq: Seq,
    user: User,
  })
  .meta({ id: "Member" });
export type Member = z.infer<typeof Member>;

export const ConversationKind = z.enum(["direct", "group"]);

/** `history`: whether somebody who joins sees what was said before. In an announcement group only roles post. */
export const ConversationSettings = z
  .object({
    history: z.enum(["all", "joining"]).meta({ description: "What joiners see; fixed at creation" }),
    announcement: z.boolean().meta({ description: "Only admins and moderators post" }),
    slowModeSeconds: z
      .int()
      .min(0)
      .max(LIMITS.slowModeSeconds)
      .meta({ description: "Pause between two messages of a member; 0: none" }),
  })
  .meta({ id: "ConversationSettings" });
export type ConversationSettings = z.infer<typeof ConversationSettings>;

/** A conversation as one of its members sees it; `members` is cut at 200 (`memberCount` is exact). */
export const Conversation = z
  .object({
    id: ConversationId,
    kind: ConversationKind,
    title: z.string().nullable(),
    avatarUrl: z.string().nullable(),
    encrypted: z.boolean(),
    settings: ConversationSettings,
    createdAt: Timestamp,
    lastMessageAt: Timestamp.nullable(),
    lastSeq: Seq,
    revision: Revision,
    memberCount: z.int(),
    members: z.array(Member),
  })
  .meta({ id: "Conversation" });
export type Conversation = z.infer<typeof Conversation>;

/** What one person has of their own in a conversation; nobody else sees it, all of their devices do. */
export const PersonalState = z
  .object({
    conversationId: ConversationId,
    revision: Revision.meta({ description: "The person's own revision at which it changed last" }),
    mutedUntil: Timestamp.nullable(),
    pinnedAt: Timestamp.nullable(),
    archivedAt: Timestamp.nullable(),
    unreadFromSeq: Seq.nullable().meta({
      description: "Marked unread from here on; watermarks and others know nothing of it; reading ends it",
    }),
  })
  .meta({ id: "PersonalState" });
export type PersonalState = z.infer<typeof PersonalState>;

/** What the list shows of a conversation beside itself. */
export const ConversationSummary = Conversation.extend({
  personal: PersonalState,
  lastMessage: Message.nullable(),
  unreadCount: z.int().min(0).max(LIMITS.unreadCap),
  mentionCount: z.int().min(0).max(LIMITS.unreadCap),
}).meta({ id: "ConversationSummary" });
export type ConversationSummary = z.infer<typeof ConversationSummary>;

export const Watermarks = z
  .object({ conversationId: ConversationId, userId: UserId, deliveredSeq: Seq, readSeq: Seq })
  .meta({ id: "Watermarks" });
export type Watermarks = z.infer<typeof Watermarks>;

/** How far a conversation has come, and how far the caller has in it. */
export const Head = z
  .object({
    conversationId: ConversationId,
    revision: Revision,
    lastSeq: Seq,
    deliveredSeq: Seq,
    readSeq: Seq,
  })
  .meta({ id: "Head" });
export type Head = z.infer<typeof Head>;

export const PresenceStatus = z.enum(["online", "idle", "offline"]);
export type PresenceStatus = z.infer<typeof PresenceStatus>;

/** What somebody says of themselves; a part that has run out is null. */
export const CustomStatus = z
  .object({
    text: z.string().max(LIMITS.statusTextLength).nullable(),
    emoji: z.string().max(32).nullable(),
    expiresAt: Timestamp.nullable().meta({ description: "When text and emoji end" }),
    dndUntil: Timestamp.nullable().meta({ description: "Do not disturb: until then nothing is notified" }),
  })
  .meta({ id: "CustomStatus" });
export type CustomStatus = z.infer<typeof CustomStatus>;

/** Who may see somebody's presence and status: all who are signed in, those who share a conversation, or nobody. */
export const PresencePrivacy = z.enum(["everyone", "shared", "nobody"]);
export type PresencePrivacy = z.infer<typeof PresencePrivacy>;

export const Me = User.extend({
  email: z.string().nullable(),
  createdAt: Timestamp,
  status: CustomStatus.nullable(),
  presencePrivacy: PresencePrivacy,
}).meta({ id: "Me" });
export type Me = z.infer<typeof Me>;

export const Presence = z
  .object({
    userId: UserId,
    status: PresenceStatus,
    lastSeenAt: Timestamp.nullable(),
    custom: CustomStatus.nullable(),
  })
  .meta({ id: "Presence" });
export type Presence = z.infer<typeof Presence>;

export const Notification = z
  .object({
    id: z.string(),
    conversationId: ConversationId,
    fromSeq: Seq,
    toSeq: Seq,
    createdAt: Timestamp,
  })
  .meta({ id: "Notification" });
export type Notification = z.infer<typeof Notification>;
