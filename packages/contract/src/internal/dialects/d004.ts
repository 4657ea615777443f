import { z } from "zod";
import type { Message } from "../../entities.ts";
import { type Dialect, word } from "./dialect.ts";
import { AnyConversationId, AnyMessageId, placeOf, plainText, Text } from "./shared.ts";

/** Clients send the id alone or in an object. */
const RoomInput = z
  .union([AnyConversationId, z.object({ roomId: AnyConversationId })])
  .transform((input) => (typeof input === "string" ? { roomId: input } : input));
const MessageInput = z
  .union([AnyMessageId, z.object({ messageId: AnyMessageId })])
  .transform((input) => (typeof input === "string" ? { messageId: input } : input));
const ReactionInput = z.object({ messageId: AnyMessageId, emoji: z.string() });

const room = (commands?: "typing:start" | "typing:stop") =>
  word({
    input: RoomInput,
    wants: ({ roomId }) => ({ place: { conversationId: roomId } }),
    ...(commands && {
      commands: (_input, facts) => [
        { name: commands, payload: { conversationId: placeOf(facts).conversationId } },
      ],
    }),
    ack: (_results, { roomId }) => ({ ok: true, roomId }),
  });
const reaction = (name: "reaction:add" | "reaction:remove") =>
  word({
    input: ReactionInput,
    commands: ({ messageId, emoji }) => [{ name, payload: { messageId, emoji } }],
  });

const toMessage = (message: Message) => ({
  id: message.id,
  roomId: message.conversationId,
  senderId: message.senderId,
  content: plainText(message),
  type: message.kind,
  replyToId: message.replyTo?.id ?? null,
  fileIds: [] as string[],
  reactions: message.reactions.map(({ emoji, count, userIds }) => ({ emoji, count, userIds })),
  createdAt: message.createdAt,
  editedAt: message.editedAt,
  isEdited: message.editedAt !== null,
  isDeleted: message.deletedAt !== null,
});

/** For a Promise that resolves with the message, and for one that looks into it. */
const ackMessage = ([result]: unknown[]) => {
  const message = toMessage((result as { message: Message }).message);
  return { ...message, ok: true, success: true, message };
};

/** Away from the keyboard, in whatever word. */
const INACTIVE = new Set(["idle", "away", "offline", "invisible"]);

/** Rooms with replies, edits and reactions. */
export const d004: Dialect = {
  name: "004",
  signsIn: "event",
  firstWord: "authenticate",
  echo: "unless_acked",
  hears: "all",
  needs: { names: true, covered: true },
  // Twenty messages a minute.
  sendLimit: { burst: 20, perSecond: 20 / 60 },
  words: {
    authenticate: word({
      input: z
        .union([z.string().max(8192), z.object({ token: z.string().max(8192) })])
        .transform((input) => (typeof input === "string" ? { token: input } : input)),
      signIn: ({ token }) => ({ token: token.replace(/^Bearer /i, "") }),
    }),
    send_message: word({
      input: z.object({
        roomId: AnyConversationId,
        content: Text.nullish(),
        type: z.enum(["text", "image", "file", "code", "voice"]).nullish(),
        replyToId: AnyMessageId.nullish(),
        fileIds: z.array(z.string().max(64)).max(10).nullish(),
        clientMsgId: z.string().min(1).max(100).nullish(),
      }),
      wants: ({ roomId }) => ({ place: { conversationId: roomId } }),
      commands: ({ content, type, replyToId, fileIds, clientMsgId }, facts) => [
        {
          name: "message:send",
          payload: {
            conversationId: placeOf(facts).conversationId,
            kind: type ?? "text",
            body: content ?? null,
            replyToId,
            attachmentIds: fileIds,
          },
          retryKey: clientMsgId ?? undefined,
        },
      ],
      ack: ackMessage,
    }),
    edit_message: word({
      input: z.object({ messageId: AnyMessageId, content: Text }),
      commands: ({ messageId, content }) => [{ name: "message:edit", payload: { messageId, body: content } }],
      ack: ackMessage,
    }),
    delete_message: word({
      input: MessageInput,
      commands: ({ messageId }) => [{ name: "message:delete", payload: { messageId } }],
      ack: (_results, { messageId }) => ({ ok: true, success: true, messageId }),
    }),
    mark_as_read: word({
      input: z
        .object({ roomId: AnyConversationId, messageId: AnyMessageId.nullish() })
        .or(
          z
            .object({ messageId: AnyMessageId })
            .transform(({ messageId }) => ({ roomId: undefined, messageId })),
        ),
      wants: ({ roomId, messageId }) => ({
        ...(roomId !== undefined && { place: { conversationId: roomId } }),
        ...(messageId != null && { messageIds: [messageId] }),
      }),
      // The last message that was read; without one, all there are.
      commands: (_input, facts) => {
        const [message] = facts.messages;
        const { conversationId, seq } = message ?? { ...placeOf(facts), seq: placeOf(facts).lastSeq };
        return [{ name: "receipt:read", payload: { conversationId, seq } }];
      },
    }),
    typing_start: room("typing:start"),
    typing_stop: room("typing:stop"),
    join_room: room(),
    /** It leaves the screen; who is a member stays one. */
    leave_room: room(),
    add_reaction: reaction("reaction:add"),
    remove_reaction: reaction("reaction:remove"),
    update_status: word({
      input: z.object({ status: z.string().min(1).max(32), customStatus: z.string().nullish() }),
      commands: ({ status, customStatus }) => [
        { name: "activity:set", payload: { active: !INACTIVE.has(status) } },
        ...(customStatus === undefined
          ? []
          : [{ name: "status:set" as const, payload: { text: customStatus } }]),
      ],
    }),
  },
  error: ({ message, code, reason }) => ({ event: "error", payload: { message, code, reason } }),
  message: (message) => [
    {
      event: "new_message",
      payload: {
        message: toMessage(message),
        conversationId: message.conversationId,
        roomId: message.conversationId,
      },
    },
  ],
  change(message, { kind, userId, emoji }) {
    const about = { roomId: message.conversationId, messageId: message.id, userId };
    switch (kind) {
      case "edited":
        return [
          {
            event: "message_edited",
            payload: {
              ...about,
              content: plainText(message),
              editedAt: message.editedAt,
              message: toMessage(message),
            },
          },
        ];
      case "deleted":
        return [{ event: "message_deleted", payload: { ...about, deletedAt: message.deletedAt } }];
      case "reaction_added":
        return [{ event: "reaction_added", payload: { ...about, emoji } }];
      case "reaction_removed":
        return [{ event: "reaction_removed", payload: { ...about, emoji } }];
      default:
        return [];
    }
  },
  receipt: ({ watermarks, isRead, read, at }) =>
    isRead
      ? [
          {
            event: "messages_read",
            payload: {
              roomId: watermarks.conversationId,
              userId: watermarks.userId,
              messageId: read.at(-1)?.id ?? null,
              messageIds: read.map(({ id }) => id),
              readAt: at,
            },
          },
        ]
      : [],
  typing: ({ conversationId, userId, userName, isTyping }) => {
    const who = { roomId: conversationId, userId };
    return [
      isTyping
        ? { event: "user_typing", payload: { ...who, userName }, exceptFor: userId }
        : { event: "user_stopped_typing", payload: who, exceptFor: userId },
    ];
  },
  presence: ({ userId, status, custom }) => [
    {
      event: status === "offline" ? "user_offline" : "user_online",
      payload: { userId, status, customStatus: custom?.text ?? null },
    },
  ],
  presenceWord: ({ status, custom }) => `${status} ${custom?.text ?? ""}`,
};
