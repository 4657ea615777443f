import { z } from "zod";
import type { Message } from "../../entities.ts";
import type { UserId } from "../../ids.ts";
import { type Dialect, type Facts, type Wants, word } from "./dialect.ts";
import { attachmentUrl, numeric, placeOf, plainText, SEALED_TEXT, Text } from "./shared.ts";

const AnyPlace = z.union([z.string().min(1).max(140), z.int().positive()]).transform(String);
const PlaceInput = z.object({ conversationId: AnyPlace });

/** The number, or the name of the pair's room, whichever of the two comes first in it. */
function wantsPlace({ conversationId }: { conversationId: string }, selfId: UserId): Wants {
  if (/^[1-9][0-9]{0,15}$/.test(conversationId)) return { place: { conversationId } };
  const pair = conversationId.startsWith("conv_") ? conversationId.slice("conv_".length) : "";
  if (pair.startsWith(`${selfId}_`))
    return { place: { directWith: pair.slice(selfId.length + 1), open: true } };
  if (pair.endsWith(`_${selfId}`))
    return { place: { directWith: pair.slice(0, -selfId.length - 1), open: true } };
  return { place: {} };
}
const justPlace = word({
  input: PlaceInput,
  wants: wantsPlace,
  ack: (_results, _input, facts) => ({ ok: true, conversationId: numeric(placeOf(facts).conversationId) }),
});
const typing = (name: "typing:start" | "typing:stop") =>
  word({
    input: PlaceInput,
    wants: wantsPlace,
    commands: (_input, facts) => [{ name, payload: { conversationId: placeOf(facts).conversationId } }],
  });
const markRead = word({
  input: PlaceInput,
  wants: wantsPlace,
  commands: (_input, facts: Facts) => {
    const { conversationId, lastSeq } = placeOf(facts);
    return [{ name: "receipt:read" as const, payload: { conversationId, seq: lastSeq } }];
  },
});

/** Pages of the host product or the open web; nothing that a browser would run. */
const AttachmentUrl = z
  .string()
  .max(500)
  .refine((url) => /^https?:\/\//i.test(url) || !/^[^/?#]*:/.test(url.trim()));

const SendInput = z.object({
  conversationId: AnyPlace,
  messageText: Text.nullish(),
  messageType: z.enum(["text", "image", "file"]).nullish(),
  attachmentUrl: AttachmentUrl.nullish(),
});
type SendInput = z.output<typeof SendInput>;

/** The row of its table, as its pages know it. */
const toRow = (message: Message, receiverId: UserId | null) => ({
  message_id: numeric(message.id),
  sender_id: numeric(message.senderId),
  receiver_id: receiverId === null ? null : numeric(receiverId),
  message_text: wordsOf(message),
  message_type: message.kind === "image" || message.kind === "file" ? message.kind : "text",
  attachment_url: attachmentUrl(message),
  is_read: false,
  read_at: null,
  created_at: message.createdAt,
});
function wordsOf(message: Message): string {
  if (message.kind === "sealed") return SEALED_TEXT;
  return attachmentUrl(message) === null ? plainText(message) : (message.body ?? "");
}

/** Pairs of people, in numbers. */
export const d001: Dialect = {
  name: "001",
  signsIn: "handshake",
  echo: "always",
  hears: "all",
  needs: { receiver: true, names: true },
  words: {
    join_conversation: justPlace,
    leave_conversation: justPlace,
    send_message: word({
      input: SendInput,
      wants: wantsPlace,
      commands: ({ messageText, messageType, attachmentUrl: url }: SendInput, facts) => [
        {
          name: "message:send",
          payload: {
            conversationId: placeOf(facts).conversationId,
            kind: messageType ?? "text",
            body: messageText ?? null,
            ...(url != null && { metadata: { attachmentUrl: url } }),
          },
        },
      ],
      ack: ([result]) => {
        const { message } = result as { message: Message };
        return { ok: true, message: toRow(message, null), conversationId: numeric(message.conversationId) };
      },
    }),
    typing: typing("typing:start"),
    stop_typing: typing("typing:stop"),
    mark_read: markRead,
    message_read: markRead,
  },
  error: ({ message, code, reason }) => ({ event: "error", payload: { message, code, reason } }),
  message: (message, { receiverId }) => [
    {
      event: "new_message",
      payload: { message: toRow(message, receiverId), conversationId: numeric(message.conversationId) },
    },
  ],
  receipt: ({ watermarks, isRead }) =>
    isRead
      ? [
          {
            event: "message_read",
            payload: {
              conversationId: numeric(watermarks.conversationId),
              userId: numeric(watermarks.userId),
            },
          },
        ]
      : [],
  typing: ({ conversationId, userId, userName, isTyping }) => {
    const who = { conversationId: numeric(conversationId), userId: numeric(userId) };
    return [
      isTyping
        ? { event: "user_typing", payload: { ...who, userName }, exceptFor: userId }
        : { event: "user_stopped_typing", payload: who, exceptFor: userId },
    ];
  },
  presence: ({ userId, status }) => [
    { event: status === "offline" ? "user_offline" : "user_online", payload: { userId: numeric(userId) } },
  ],
  presenceWord: ({ status }) => (status === "offline" ? "offline" : "online"),
};
