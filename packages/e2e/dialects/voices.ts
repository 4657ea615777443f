import { randomUUID } from "node:crypto";
import { until } from "@confab/testkit";
import { io, type Socket } from "socket.io-client";
import type { Person } from "../people.ts";

// biome-ignore lint/suspicious/noExplicitAny: strangers' clients know no types; tests look at what comes.
type Anything = Record<string, any>;
interface Where {
  conversationId: string;
  /** Whom a message is for, where the conversation is a direct one. */
  peerId?: string;
}

/** How somebody says and hears things in one dialect. */
export interface Voice {
  name: string;
  connect: (socket: Socket, token: string, person: Person, where: Where) => void;
  auth: (token: string) => object;
  /** Absent where the dialect has no word for it there. */
  say?: (socket: Socket, text: string, where: Where, self: Person) => void;
  hears: string;
  textOf: (payload: Anything) => unknown;
  type?: (socket: Socket, where: Where) => void;
  stop?: (socket: Socket, where: Where) => void;
  isTyping?: (event: string, payload: Anything, userId: string) => boolean;
  read?: (socket: Socket, where: Where, last: { id: string }) => void;
  isRead: (event: string, payload: Anything, userId: string) => boolean;
  isHere?: (event: string, payload: Anything, userId: string) => boolean;
  isGone?: (event: string, payload: Anything, userId: string) => boolean;
}

const d000: Voice = {
  name: "000",
  auth: () => ({}),
  connect: (socket, authToken, { userId }) => socket.emit("register", { userId, authToken }),
  say: (socket, content, { peerId }) =>
    socket.emit("privateMessage", { to: peerId, content, timestamp: new Date() }),
  hears: "newMessage",
  textOf: ({ content }) => content,
  type: (socket, { conversationId }) => socket.emit("typingStart", { conversationId }),
  stop: (socket, { conversationId }) => socket.emit("typingStop", { conversationId }),
  isTyping: (event, payload, userId) =>
    event === "typingIndicator" && payload.userId === userId && payload.isTyping,
  read: (socket, _where, { id }) => socket.emit("messageAck", { messageId: id }),
  isRead: (event, { status }) => event === "messageStatus" && status === "read",
  isHere: (event, { userId, status }, id) =>
    event === "presenceUpdate" && userId === id && status === "online",
  isGone: (event, { userId, status }, id) =>
    event === "presenceUpdate" && userId === id && status === "offline",
};

const d001: Voice = {
  name: "001",
  auth: (token) => ({ token }),
  connect: (socket, _token, _person, { conversationId }) =>
    socket.emit("join_conversation", { conversationId: Number(conversationId) }),
  say: (socket, messageText, { conversationId }) =>
    socket.emit("send_message", {
      conversationId: Number(conversationId),
      messageText,
      messageType: "text",
      attachmentUrl: null,
    }),
  hears: "new_message",
  textOf: ({ message }) => message.message_text,
  type: (socket, { conversationId }) => socket.emit("typing", { conversationId }),
  stop: (socket, { conversationId }) => socket.emit("stop_typing", { conversationId }),
  isTyping: (event, { userId }, id) => event === "user_typing" && userId === Number(id),
  read: (socket, { conversationId }) => socket.emit("mark_read", { conversationId }),
  isRead: (event, { userId }, id) => event === "message_read" && userId === Number(id),
  isHere: (event, { userId }, id) => event === "user_online" && userId === Number(id),
  isGone: (event, { userId }, id) => event === "user_offline" && userId === Number(id),
};

const d002: Voice = {
  name: "002",
  auth: (token) => ({ token }),
  connect: (socket, _token, _person, { conversationId }) => socket.emit("joinRoom", Number(conversationId)),
  say: (socket, content, { conversationId }, { userId }) =>
    socket.emit("sendMessage", {
      conversationId: Number(conversationId),
      senderId: Number(userId),
      content,
    }),
  hears: "receiveMessage",
  textOf: ({ content }) => content,
  read: (socket, { conversationId }, { id }) =>
    socket.emit("markAsRead", { conversationId: Number(conversationId), messageIds: [Number(id)] }),
  isRead: (event, { read_status: isRead }) => event === "messageUpdated" && isRead,
};

const d003: Voice = {
  name: "003",
  auth: (token) => ({ token }),
  connect: (socket) => socket.emit("presence:online"),
  say: (socket, content, { conversationId }) =>
    socket.emit("chat:message_send", { conversationId, content }, () => {}),
  hears: "chat:message_received",
  textOf: ({ content_encrypted: text }) => text,
  type: (socket, { conversationId }) => socket.emit("chat:typing", { conversationId, isTyping: true }),
  stop: (socket, { conversationId }) => socket.emit("chat:typing", { conversationId, isTyping: false }),
  isTyping: (event, { userId, isTyping }, id) => event === "chat:user_typing" && userId === id && isTyping,
  read: (socket, _where, { id }) => socket.emit("chat:message_read", { messageId: id }),
  isRead: (event, { readBy }, id) => event === "chat:message_status_updated" && readBy === id,
  isHere: (event, { userId, status }, id) =>
    event === "user:status_changed" && userId === id && status === "online",
  isGone: (event, { userId, status }, id) =>
    event === "user:status_changed" && userId === id && status === "offline",
};

const d004: Voice = {
  name: "004",
  auth: () => ({}),
  connect: (socket, token, _person, { conversationId: roomId }) => {
    socket.emit("authenticate", { token });
    socket.emit("join_room", { roomId });
  },
  say: (socket, content, { conversationId: roomId }) =>
    socket.emit("send_message", { roomId, content }, () => {}),
  hears: "new_message",
  textOf: ({ message }) => message.content,
  type: (socket, { conversationId: roomId }) => socket.emit("typing_start", { roomId }),
  stop: (socket, { conversationId: roomId }) => socket.emit("typing_stop", { roomId }),
  isTyping: (event, { userId }, id) => event === "user_typing" && userId === id,
  read: (socket, { conversationId: roomId }, { id }) =>
    socket.emit("mark_as_read", { roomId, messageId: id }),
  isRead: (event, { userId }, id) => event === "messages_read" && userId === id,
  isHere: (event, { userId }, id) => event === "user_online" && userId === id,
  isGone: (event, { userId }, id) => event === "user_offline" && userId === id,
};

const native: Voice = {
  name: "native",
  auth: (token) => ({ token, protocol: 1, dialect: "native", active: true }),
  connect: () => undefined,
  say: (socket, body, { conversationId }) =>
    socket.emit("message:send", { conversationId, body, clientMessageId: randomUUID() }, () => {}),
  hears: "message:created",
  textOf: ({ body }) => body,
  type: (socket, { conversationId }) => socket.emit("typing:start", { conversationId }),
  stop: (socket, { conversationId }) => socket.emit("typing:stop", { conversationId }),
  isTyping: (event, { userIds }, id) => event === "typing:changed" && userIds.includes(id),
  isRead: (event, { userId, readSeq, before }, id) =>
    event === "receipt:updated" && userId === id && readSeq > before.readSeq,
};

export const VOICES: Voice[] = [d000, d001, d002, d003, d004, native];

export class Device {
  readonly voice: Voice;
  readonly person: Person;
  readonly socket: Socket;
  readonly heard: { event: string; payload: Anything }[] = [];

  constructor(voice: Voice, person: Person, socket: Socket) {
    this.voice = voice;
    this.person = person;
    this.socket = socket;
    socket.onAny((event: string, payload: Anything) => this.heard.push({ event, payload }));
  }

  get name(): string {
    return `${this.person.username} with ${this.voice.name}`;
  }

  texts(): unknown[] {
    return this.heard
      .filter(({ event }) => event === this.voice.hears)
      .map(({ payload }) => this.voice.textOf(payload));
  }

  hears(
    what: (event: string, payload: Anything, userId: string) => boolean,
    userId: string,
    about: string,
  ): Promise<unknown> {
    return until(() => this.heard.some(({ event, payload }) => what(event, payload, userId)), {
      timeoutMs: 20_000,
      describe: () => `${this.name} hears ${about}: ${JSON.stringify(this.heard.map(({ event }) => event))}`,
    });
  }
}

/** A device that speaks one dialect, with nothing but socket.io-client as it comes. */
export async function openDevice(
  cleanup: AsyncDisposableStack,
  url: string,
  { voice, person, where }: { voice: Voice; person: Person; where: Where },
): Promise<Device> {
  const token = await person.token();
  const socket = io(url, { forceNew: true, reconnection: false, auth: voice.auth(token) });
  cleanup.defer(() => void socket.disconnect());
  const device = new Device(voice, person, socket);
  await until(() => socket.connected, { describe: `${device.name} connects` });
  voice.connect(socket, token, person, where);
  return device;
}
