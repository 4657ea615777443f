import { z } from "zod";
import { ChatError } from "../../chat-error.ts";
import type { Message } from "../../entities.ts";
import type { UserId } from "../../ids.ts";
import { type Dialect, type MessageFact, word } from "./dialect.ts";
import { AnyConversationId, AnyMessageId, Nothing, placeOf, plainText, Text } from "./shared.ts";

const mark = (name: "receipt:delivered" | "receipt:read") =>
  word({
    input: z.object({ messageId: AnyMessageId }),
    wants: ({ messageId }) => ({ messageIds: [messageId] }),
    commands: (_input, { messages }) =>
      messages.map(({ conversationId, seq }) => ({ name, payload: { conversationId, seq } })),
    ack: () => ({ success: true }),
  });

/** It is only said: the connection itself tells who is here. */
const saidOnly = word({ input: Nothing, ack: () => ({ success: true }) });

const status = (value: "delivered" | "read", by: UserId) => (message: MessageFact) => ({
  event: "chat:message_status_updated",
  payload: {
    messageId: message.id,
    status: value,
    [value === "read" ? "readBy" : "deliveredBy"]: by,
  },
});

/** What is sealed is carried as it is; plain words go in both fields, for this client shows only the one. */
export const toSeedRow = (message: Message) => {
  const sealed = message.kind === "sealed";
  return {
    id: message.id,
    conversation_id: message.conversationId,
    sender_id: message.senderId,
    content_encrypted: sealed ? message.body : plainText(message),
    ...(!sealed && { content: plainText(message) }),
    is_encrypted: sealed,
    message_type: ["image", "file", "voice"].includes(message.kind) ? message.kind : "text",
    is_edited: message.editedAt !== null,
    is_deleted: message.deletedAt !== null,
    created_at: message.createdAt,
  };
};

/** Groups and sealed messages, each with a status of its own. */
export const d003: Dialect = {
  name: "003",
  signsIn: "handshake",
  firstWord: "presence:online",
  echo: "unless_acked",
  hears: "all",
  needs: { names: true, covered: true },
  words: {
    "presence:online": saidOnly,
    "presence:offline": saidOnly,
    "chat:message_send": word({
      input: z.object({
        conversationId: AnyConversationId,
        contentEncrypted: Text.nullish(),
        content: Text.nullish(),
      }),
      wants: ({ conversationId }) => ({ place: { conversationId } }),
      commands: ({ contentEncrypted, content }, facts) => {
        if (!contentEncrypted && content == null)
          throw new ChatError("invalid", { reason: "invalid:content" });
        const { conversationId } = placeOf(facts);
        return [
          {
            name: "message:send",
            payload: contentEncrypted
              ? { conversationId, kind: "sealed", body: contentEncrypted }
              : { conversationId, body: content ?? null },
          },
        ];
      },
      ack: ([result]) => ({ success: true, messageId: (result as { message: Message }).message.id }),
    }),
    "chat:message_delivered": mark("receipt:delivered"),
    "chat:message_read": mark("receipt:read"),
    "chat:typing": word({
      input: z.object({ conversationId: AnyConversationId, isTyping: z.boolean() }),
      wants: ({ conversationId }) => ({ place: { conversationId } }),
      commands: ({ isTyping }, facts) => [
        {
          name: isTyping ? "typing:start" : "typing:stop",
          payload: { conversationId: placeOf(facts).conversationId },
        },
      ],
      ack: () => ({ success: true }),
    }),
  },
  error: () => undefined,
  failure: ({ message, code, reason }) => ({ success: false, error: message, code, reason }),
  message: (message) => [{ event: "chat:message_received", payload: toSeedRow(message) }],
  receipt: ({ delivered, read, watermarks }) => [
    ...delivered.map(status("delivered", watermarks.userId)),
    ...read.map(status("read", watermarks.userId)),
  ],
  typing: ({ conversationId, userId, userName, isTyping, at }) => [
    {
      event: "chat:user_typing",
      payload: { userId, username: userName, isTyping, timestamp: at, conversationId },
      exceptFor: userId,
    },
  ],
  presence: ({ userId, status: now, at }) => [
    {
      event: "user:status_changed",
      payload: { userId, status: now === "offline" ? "offline" : "online", timestamp: at },
    },
  ],
  presenceWord: ({ status: now }) => (now === "offline" ? "offline" : "online"),
};
