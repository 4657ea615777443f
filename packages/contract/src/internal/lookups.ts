import { z } from "zod";
import { Message } from "../entities.ts";
import { ConversationId, MessageId, Seq, UserId } from "../ids.ts";
import type { InternalRoute } from "./rpc.ts";

/** A conversation as one of its members stands in it. */
const PlaceReply = z.object({
  conversationId: ConversationId,
  kind: z.enum(["direct", "group"]),
  lastSeq: Seq,
  deliveredSeq: Seq,
  readSeq: Seq,
});
const MessageRefReply = z.object({
  id: MessageId,
  conversationId: ConversationId,
  seq: Seq,
  senderId: UserId,
});

/** What a gateway asks the message service on behalf of clients that know no sync. */
export const LOOKUP_RPC = {
  /**
   * What a client names, if it is theirs: a conversation, by id or by the person with whom it is the direct one
   * (`open`: made where there is none), and messages. `not_found` unless all of it is.
   */
  resolve: {
    path: "/internal/resolve",
    body: z.object({
      userId: UserId,
      place: z
        .object({
          conversationId: ConversationId.optional(),
          directWith: UserId.optional(),
          open: z.boolean().optional(),
        })
        .optional(),
      messageIds: z.array(MessageId).max(500).optional(),
    }),
    reply: z.object({ place: PlaceReply.optional(), messages: z.array(MessageRefReply) }),
  },
  /** Messages by position, for who says of each that it was delivered or read; the latest, oldest first. */
  listRefs: {
    path: "/internal/refs",
    body: z.object({
      conversationId: ConversationId,
      afterSeq: Seq,
      toSeq: Seq,
      limit: z.int().min(1).max(500),
    }),
    reply: z.object({ messages: z.array(MessageRefReply) }),
  },
  /**
   * What a person has not received: messages after their delivered watermarks, or after `cursors` in those
   * conversations alone. The latest `limit`, oldest first. `cursors` of the reply: where each conversation is now.
   */
  listMissed: {
    path: "/internal/missed",
    body: z.object({
      userId: UserId,
      /** null: after the delivered watermark. */
      cursors: z.record(ConversationId, Seq.nullable()).optional(),
      limit: z.int().min(1).max(500),
    }),
    reply: z.object({ messages: z.array(Message), cursors: z.record(ConversationId, Seq) }),
  },
  /** With whom somebody shares a conversation, those of the most recent ones first. */
  listPeople: {
    path: "/internal/people",
    body: z.object({ userId: UserId, limit: z.int().min(1).max(1000) }),
    reply: z.object({ userIds: z.array(UserId) }),
  },
  getNames: {
    path: "/internal/names",
    body: z.object({ userIds: z.array(UserId).max(500) }),
    reply: z.object({ names: z.record(UserId, z.string()) }),
  },
  /** Direct conversations in which something was delivered to the person that they have not read. */
  listUnreadDirects: {
    path: "/internal/unread-directs",
    body: z.object({ userId: UserId }),
    reply: z.object({ marks: z.array(z.object({ conversationId: ConversationId, deliveredSeq: Seq })) }),
  },
} as const satisfies Record<string, InternalRoute>;
