import { z } from "zod";
import type { MessageFact, Wants } from "./dialect.ts";
import { type Dialect, type Facts, type NativeCommand, word } from "./dialect.ts";
import { AnyMessageId, AnyTime, AnyUserId, placeOf, plainText, Text } from "./shared.ts";

/** The id of the conversation, or of the person with whom it is. */
const TypingInput = z.object({ conversationId: AnyUserId });
const wantsPlace = ({ conversationId: id }: z.output<typeof TypingInput>): Wants => ({
  place: { ...(/^[1-9][0-9]{0,15}$/.test(id) && { conversationId: id }), directWith: id },
});
const typing =
  (name: "typing:start" | "typing:stop") =>
  (_input: unknown, facts: Facts): NativeCommand[] => [
    { name, payload: { conversationId: placeOf(facts).conversationId } },
  ];

/** Person to person, with delivered and read; the window's focus decides what is read. */
export const d000: Dialect = {
  name: "000",
  signsIn: "event",
  firstWord: "register",
  echo: "never",
  hears: "all",
  needs: { covered: true },
  readsWhileActive: true,
  words: {
    register: word({
      input: z.object({ userId: AnyUserId, authToken: z.string().max(8192) }),
      signIn: ({ authToken, userId }) => ({ token: authToken, userId }),
    }),
    privateMessage: word({
      input: z.object({ to: AnyUserId, content: Text, timestamp: AnyTime.nullish() }),
      commands: ({ to, content, timestamp }) => [
        { name: "message:send", payload: { to, body: content, clientSentAt: timestamp } },
      ],
      ack: ([result]) => {
        const { message } = result as { message: { id: string; conversationId: string; createdAt: string } };
        return {
          ok: true,
          id: message.id,
          messageId: message.id,
          conversationId: message.conversationId,
          timestamp: message.createdAt,
        };
      },
    }),
    /** Despite its name: read. */
    messageAck: word({
      input: z.object({ messageId: AnyMessageId }),
      wants: ({ messageId }) => ({ messageIds: [messageId] }),
      commands: (_input, { messages }) =>
        messages.map(({ conversationId, seq }) => ({
          name: "receipt:read" as const,
          payload: { conversationId, seq },
        })),
    }),
    typingStart: word({ input: TypingInput, wants: wantsPlace, commands: typing("typing:start") }),
    typingStop: word({ input: TypingInput, wants: wantsPlace, commands: typing("typing:stop") }),
    activityChange: word({
      input: z.object({ isActive: z.boolean() }),
      commands: ({ isActive }) => [{ name: "activity:set", payload: { active: isActive } }],
    }),
  },
  error: ({ code, reason, message }) => ({ event: "error", payload: { message, code, reason } }),
  message: (message) => [
    {
      event: "newMessage",
      payload: {
        id: message.id,
        from: message.senderId,
        content: plainText(message),
        timestamp: message.createdAt,
        conversationId: message.conversationId,
      },
    },
  ],
  // What one person has read is not merely delivered because another one gets it now.
  receipt: ({ delivered, read, seen }) => [
    ...delivered.filter(({ id }) => !seen.has(id)).map(status("delivered")),
    ...read.map(status("read")),
  ],
  typing: ({ conversationId, userId, isTyping }) => [
    { event: "typingIndicator", payload: { userId, isTyping, conversationId }, exceptFor: userId },
  ],
  presence: ({ userId, status }) => [{ event: "presenceUpdate", payload: { userId, status } }],
  presenceWord: ({ status }) => status,
};

/** Only whoever sent the message has it among those that wait for a status. */
function status(value: "delivered" | "read") {
  return ({ id, senderId }: MessageFact) => ({
    event: "messageStatus",
    payload: { messageId: id, status: value },
    onlyFor: senderId,
  });
}
