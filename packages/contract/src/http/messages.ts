import { z } from "zod";
import { DeleteScope, EditMessageBody, Emoji, SendMessageBody, SendReceipt } from "../commands.ts";
import { Message, Watermarks } from "../entities.ts";
import { SyncReply, SyncRequest } from "../events.ts";
import { Seq } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { ConversationParams, type HttpRoute, IdempotencyKey, MessageParams } from "./route.ts";

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

/** Messages, what is done to them, and how far they were read. */
export const MESSAGE_ROUTES = {
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
  listPins: {
    about: "What is pinned in a conversation, at most 50 messages, pinned last first.",
    method: "GET",
    path: "/v1/conversations/:conversationId/pins",
    auth: "user",
    params: ConversationParams,
    status: 200,
    reply: z.object({ items: z.array(Message) }),
    limit: "read",
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
} as const satisfies Record<string, HttpRoute>;
