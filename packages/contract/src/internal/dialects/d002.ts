import { z } from "zod";
import { ChatError } from "../../chat-error.ts";
import type { Message } from "../../entities.ts";
import type { UserId } from "../../ids.ts";
import { type Dialect, type Emission, type MessageFact, word } from "./dialect.ts";
import { AnyConversationId, AnyMessageId, AnyUserId, numeric, placeOf, plainText, Text } from "./shared.ts";

const MAX_IDS = 500;

const toRow = (message: Message, receiverId: UserId | null) => ({
  message_id: numeric(message.id),
  conversation_id: numeric(message.conversationId),
  sender_id: numeric(message.senderId),
  receiver_id: receiverId === null ? null : numeric(receiverId),
  content: plainText(message),
  timestamp: message.createdAt,
  read_status: false,
});

const updated = (messages: MessageFact[]): Emission[] =>
  messages.length === 0
    ? []
    : [
        {
          event: "messageUpdated",
          payload: { messageIds: messages.map(({ id }) => numeric(id)), read_status: true },
        },
      ];

/** Conversations that a page opens by number, and lists of messages that it has read. */
export const d002: Dialect = {
  name: "002",
  signsIn: "handshake",
  firstWord: "joinRoom",
  echo: "always",
  hears: "listened",
  needs: { receiver: true, covered: true },
  words: {
    joinRoom: word({
      input: AnyConversationId,
      wants: (conversationId) => ({ place: { conversationId } }),
      effect: "listen",
    }),
    sendMessage: word({
      input: z.object({ conversationId: AnyConversationId, senderId: AnyUserId, content: Text }),
      wants: ({ conversationId }) => ({ place: { conversationId } }),
      commands: ({ senderId, content }, facts) => {
        if (senderId !== facts.selfId) throw new ChatError("forbidden", { reason: "other_user" });
        return [
          {
            name: "message:send",
            payload: { conversationId: placeOf(facts).conversationId, body: content },
          },
        ];
      },
      ack: ([result]) => ({ ok: true, message: toRow((result as { message: Message }).message, null) }),
    }),
    markAsRead: word({
      input: z.object({
        conversationId: AnyConversationId,
        messageIds: z.array(AnyMessageId).min(1).max(MAX_IDS),
      }),
      wants: ({ conversationId, messageIds }) => ({ place: { conversationId }, messageIds }),
      commands: (_input, facts) => {
        const { conversationId } = placeOf(facts);
        if (facts.messages.some((message) => message.conversationId !== conversationId)) {
          throw new ChatError("not_found", { reason: "message" });
        }
        const seq = Math.max(...facts.messages.map((message) => message.seq));
        return [{ name: "receipt:read", payload: { conversationId, seq } }];
      },
      // What moves is broadcast; what was read before would otherwise be answered by nothing.
      emits: (_input, facts) => {
        const { conversationId, readSeq } = placeOf(facts);
        return updated(
          facts.messages.filter(
            (message) => message.conversationId === conversationId && message.seq <= readSeq,
          ),
        );
      },
    }),
  },
  error: ({ message, reason }) => ({ event: "messageError", payload: { error: message, details: reason } }),
  message: (message, { receiverId }) => [{ event: "receiveMessage", payload: toRow(message, receiverId) }],
  receipt: ({ read }) => updated(read),
};
