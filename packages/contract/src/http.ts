import { z } from "zod";
import {
  DeleteScope,
  EditMessageBody,
  Emoji,
  PublishItem,
  SendMessageBody,
  SendReceipt,
} from "./commands.ts";
import { Conversation, ConversationSummary, Me, Message, Role, User, Watermarks } from "./entities.ts";
import { WireError } from "./errors.ts";
import { SyncReply, SyncRequest } from "./events.ts";
import { ConversationId, MessageId, Seq, UserId } from "./ids.ts";
import { LIMITS, type RateLimitName } from "./limits.ts";

export const Username = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{1,31}$/)
  .meta({ description: "2–32 of a–z 0–9 . _ -, kept in lower case" });
const Password = z.string().min(8).max(256);
const DisplayName = z.string().trim().min(1).max(LIMITS.displayNameLength);
const Title = z.string().trim().min(1).max(LIMITS.titleLength);
const WebUrl = z.url({ protocol: /^https?$/ }).max(2048);

export const Session = z
  .object({
    user: Me,
    accessToken: z.string(),
    refreshToken: z.string(),
    expiresInSeconds: z.int(),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof Session>;

const Page = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.listPage).default(50),
});
const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() });

/** `before` and `after` are exclusive, `around` is inclusive; at most one of them. Without: the newest page. */
export const HistoryQuery = z
  .strictObject({
    before: z.coerce.number().pipe(Seq).optional(),
    after: z.coerce.number().pipe(Seq).optional(),
    around: z.coerce.number().pipe(Seq).optional(),
    limit: z.coerce.number().int().min(1).max(LIMITS.historyPage).default(50),
  })
  .refine(
    (query) => [query.before, query.after, query.around].filter((seq) => seq !== undefined).length <= 1,
    {
      message: "give one of before, after, around",
    },
  );
export type HistoryQuery = z.infer<typeof HistoryQuery>;

/** Messages in seq order, oldest first. */
export const HistoryPage = z
  .object({ items: z.array(Message), hasOlder: z.boolean(), hasNewer: z.boolean() })
  .meta({ id: "HistoryPage" });
export type HistoryPage = z.infer<typeof HistoryPage>;

export const CreateConversation = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("direct"), userId: UserId }),
  z.strictObject({
    kind: z.literal("group"),
    title: Title,
    memberIds: z.array(UserId).max(LIMITS.membersPerCreate),
  }),
]);
export type CreateConversation = z.infer<typeof CreateConversation>;

export const PublishResult = z.union([
  z.object({ messageId: MessageId, conversationId: ConversationId, seq: Seq, duplicate: z.boolean() }),
  z.object({ error: WireError }),
]);
export type PublishResult = z.infer<typeof PublishResult>;

const ConversationParams = z.object({ conversationId: ConversationId });
const MessageParams = z.object({ messageId: MessageId });
const MemberParams = ConversationParams.extend({ userId: UserId });
const IdempotencyKey = z.object({ "idempotency-key": z.string().min(1).max(200).optional() });

export interface HttpRoute {
  about: string;
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Fastify form; `:name` is a path parameter. */
  path: string;
  /** Who may call: anyone, a signed-in user, or a service by its token. */
  auth: "none" | "user" | "service";
  params?: z.ZodObject;
  query?: z.ZodType;
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** Success status; the reply is empty when there is no `reply`. */
  status: 200 | 201 | 204;
  reply?: z.ZodType;
  limit?: RateLimitName;
}

/** Public REST, by operation id. */
export const ROUTES = {
  register: {
    about: "Make an account and sign in.",
    method: "POST",
    path: "/v1/auth/register",
    auth: "none",
    body: z.strictObject({
      username: Username,
      password: Password,
      displayName: DisplayName.optional(),
      email: z.email().max(254).optional(),
    }),
    status: 201,
    reply: Session,
  },
  login: {
    about: "Sign in.",
    method: "POST",
    path: "/v1/auth/login",
    auth: "none",
    body: z.strictObject({
      username: z.string().max(254).trim().toLowerCase(),
      password: z.string().max(256),
    }),
    status: 200,
    reply: Session,
  },
  refresh: {
    about: "Exchange a refresh token for a new pair; using one twice ends every session of its family.",
    method: "POST",
    path: "/v1/auth/refresh",
    auth: "none",
    body: z.strictObject({ refreshToken: z.string().max(512) }),
    status: 200,
    reply: Session,
  },
  logout: {
    about: "End the session that this refresh token belongs to.",
    method: "POST",
    path: "/v1/auth/logout",
    auth: "none",
    body: z.strictObject({ refreshToken: z.string().max(512) }),
    status: 204,
  },
  jwks: {
    about: "Public keys that access tokens are signed with.",
    method: "GET",
    path: "/.well-known/jwks.json",
    auth: "none",
    status: 200,
    reply: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
  },
  getMe: {
    about: "Yourself.",
    method: "GET",
    path: "/v1/me",
    auth: "user",
    status: 200,
    reply: Me,
    limit: "read",
  },
  updateMe: {
    about: "Change your profile.",
    method: "PATCH",
    path: "/v1/me",
    auth: "user",
    body: z.strictObject({ displayName: DisplayName.optional(), avatarUrl: WebUrl.nullish() }),
    status: 200,
    reply: Me,
    limit: "change",
  },
  searchUsers: {
    about: "People whose name or username begins with the query.",
    method: "GET",
    path: "/v1/users",
    auth: "user",
    query: Page.extend({ query: z.string().trim().max(100).default("") }),
    status: 200,
    reply: pageOf(User),
    limit: "read",
  },
  getUser: {
    about: "One person.",
    method: "GET",
    path: "/v1/users/:userId",
    auth: "user",
    params: z.object({ userId: UserId }),
    status: 200,
    reply: User,
    limit: "read",
  },
  createConversation: {
    about: "Make a group, or open the direct conversation with somebody (the same one for ever).",
    method: "POST",
    path: "/v1/conversations",
    auth: "user",
    body: CreateConversation,
    status: 201,
    reply: Conversation,
    limit: "change",
  },
  listConversations: {
    about: "Your conversations, newest activity first.",
    method: "GET",
    path: "/v1/conversations",
    auth: "user",
    query: Page,
    status: 200,
    reply: pageOf(ConversationSummary),
    limit: "read",
  },
  getConversation: {
    about: "One conversation of yours.",
    method: "GET",
    path: "/v1/conversations/:conversationId",
    auth: "user",
    params: ConversationParams,
    status: 200,
    reply: ConversationSummary,
    limit: "read",
  },
  updateConversation: {
    about: "Rename a group or change its picture (admins and moderators).",
    method: "PATCH",
    path: "/v1/conversations/:conversationId",
    auth: "user",
    params: ConversationParams,
    body: z.strictObject({ title: Title.optional(), avatarUrl: WebUrl.nullish() }),
    status: 200,
    reply: Conversation,
    limit: "change",
  },
  addMember: {
    about: "Add a person to a group (admins and moderators).",
    method: "PUT",
    path: "/v1/conversations/:conversationId/members/:userId",
    auth: "user",
    params: MemberParams,
    status: 200,
    reply: Conversation,
    limit: "change",
  },
  changeRole: {
    about: "Give a member another role (admins); the last admin stays one.",
    method: "PATCH",
    path: "/v1/conversations/:conversationId/members/:userId",
    auth: "user",
    params: MemberParams,
    body: z.strictObject({ role: Role }),
    status: 200,
    reply: Conversation,
    limit: "change",
  },
  removeMember: {
    about: "Take a person out of a group, or leave it yourself.",
    method: "DELETE",
    path: "/v1/conversations/:conversationId/members/:userId",
    auth: "user",
    params: MemberParams,
    status: 204,
    limit: "change",
  },
  listMessages: {
    about: "History by seq, oldest first within the page.",
    method: "GET",
    path: "/v1/conversations/:conversationId/messages",
    auth: "user",
    params: ConversationParams,
    query: HistoryQuery,
    status: 200,
    reply: HistoryPage,
    limit: "read",
  },
  sendMessage: {
    about: "Send a message; `clientMessageId` or `Idempotency-Key` makes a retry harmless.",
    method: "POST",
    path: "/v1/conversations/:conversationId/messages",
    auth: "user",
    params: ConversationParams,
    headers: IdempotencyKey,
    body: SendMessageBody,
    status: 201,
    reply: SendReceipt,
    limit: "send",
  },
  editMessage: {
    about: "Change the text of your own message.",
    method: "PATCH",
    path: "/v1/messages/:messageId",
    auth: "user",
    params: MessageParams,
    body: EditMessageBody,
    status: 200,
    reply: Message,
    limit: "change",
  },
  deleteMessage: {
    about: "Delete a message for everyone, or hide it from yourself.",
    method: "DELETE",
    path: "/v1/messages/:messageId",
    auth: "user",
    params: MessageParams,
    query: z.strictObject({ scope: DeleteScope.default("everyone") }),
    status: 204,
    limit: "change",
  },
  addReaction: {
    about: "React to a message.",
    method: "PUT",
    path: "/v1/messages/:messageId/reactions/:emoji",
    auth: "user",
    params: MessageParams.extend({ emoji: Emoji }),
    status: 200,
    reply: Message,
    limit: "change",
  },
  removeReaction: {
    about: "Take a reaction back.",
    method: "DELETE",
    path: "/v1/messages/:messageId/reactions/:emoji",
    auth: "user",
    params: MessageParams.extend({ emoji: Emoji }),
    status: 200,
    reply: Message,
    limit: "change",
  },
  pinMessage: {
    about: "Pin a message.",
    method: "PUT",
    path: "/v1/messages/:messageId/pin",
    auth: "user",
    params: MessageParams,
    status: 200,
    reply: Message,
    limit: "change",
  },
  unpinMessage: {
    about: "Unpin a message.",
    method: "DELETE",
    path: "/v1/messages/:messageId/pin",
    auth: "user",
    params: MessageParams,
    status: 200,
    reply: Message,
    limit: "change",
  },
  markReceipts: {
    about: "Move your watermarks forward; what is beyond the head is clamped to it.",
    method: "POST",
    path: "/v1/conversations/:conversationId/receipts",
    auth: "user",
    params: ConversationParams,
    body: z
      .strictObject({ deliveredSeq: Seq.optional(), readSeq: Seq.optional() })
      .refine((mark) => mark.deliveredSeq !== undefined || mark.readSeq !== undefined, {
        message: "give deliveredSeq or readSeq",
      }),
    status: 200,
    reply: Watermarks,
    limit: "receipt",
  },
  sync: {
    about: "Everything that changed after your cursors, in its present state.",
    method: "POST",
    path: "/v1/sync",
    auth: "user",
    body: SyncRequest,
    status: 200,
    reply: SyncReply,
    limit: "read",
  },
  publish: {
    about: "Publish messages as an internal service; each item is stored once per key.",
    method: "POST",
    path: "/v1/publish",
    auth: "service",
    headers: IdempotencyKey,
    body: z.strictObject({ items: z.array(PublishItem).min(1).max(LIMITS.publishItems) }),
    status: 200,
    reply: z.object({ results: z.array(PublishResult) }),
  },
} as const satisfies Record<string, HttpRoute>;

export type RouteName = keyof typeof ROUTES;
