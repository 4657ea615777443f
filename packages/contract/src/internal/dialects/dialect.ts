/**
 * What a dialect is: the words of an older chat and what they mean in ours. Tables of pure functions: what they need to
 * know beyond their input they ask for (`wants`, `needs`), and whoever runs them looks it up.
 */
import type { z } from "zod";
import type { Message, Presence, Watermarks } from "../../entities.ts";
import type { WireError } from "../../errors.ts";
import type { CommandInput, CommandName, MessageChange } from "../../events.ts";
import type { ConversationId, MessageId, UserId } from "../../ids.ts";
import type { RateLimit } from "../../limits.ts";

/** One event for a client. `onlyFor` and `exceptFor` are people, for what is broadcast. */
export interface Emission {
  event: string;
  payload: unknown;
  onlyFor?: UserId;
  exceptFor?: UserId;
}

/** A conversation that a word names: by its id, or by the person with whom it is the direct one. */
export interface WantedPlace {
  conversationId?: ConversationId | undefined;
  /** Asked for when `conversationId` is absent, or is not one of theirs. */
  directWith?: UserId | undefined;
  /** Whether a direct conversation that does not exist is opened. */
  open?: boolean;
}
export interface Wants {
  place?: WantedPlace;
  /** Refused as a whole unless the person may see every one of them. */
  messageIds?: MessageId[];
}

export interface Place {
  conversationId: ConversationId;
  kind: "direct" | "group";
  lastSeq: number;
  deliveredSeq: number;
  readSeq: number;
}
export interface MessageFact {
  id: MessageId;
  conversationId: ConversationId;
  seq: number;
  senderId: UserId;
}
/** What was wanted, found and theirs. */
export interface Facts {
  selfId: UserId;
  place: Place | undefined;
  /** In the order of `messageIds`. */
  messages: MessageFact[];
}

/** `clientMessageId` is minted by whoever runs the command: from `retryKey`, where the client has a key of its own. */
export type NativeCommand =
  | { [N in Exclude<CommandName, "message:send">]: { name: N; payload: CommandInput<N> } }[Exclude<
      CommandName,
      "message:send"
    >]
  | {
      name: "message:send";
      payload: Omit<CommandInput<"message:send">, "clientMessageId">;
      retryKey?: string | undefined;
    };

/** What an inbound event means. */
export interface Word<I = unknown> {
  input: z.ZodType<I>;
  /** The word signs the socket in; it has no other meaning. */
  signIn?(input: I): { token: string; userId?: string | undefined };
  wants?(input: I, selfId: UserId): Wants;
  /** Run one after the other. @throws ChatError for what a schema cannot see */
  commands?(input: I, facts: Facts): NativeCommand[];
  /** `listen`: from now on the socket hears the messages of the place, those that it missed first. */
  effect?: "listen";
  /** To this socket alone, before the commands run. */
  emits?(input: I, facts: Facts): Emission[];
  /** What a callback is called with; `results` are the commands' acks. Absent: `{ ok: true }`. */
  ack?(results: unknown[], input: I, facts: Facts): unknown;
}

export interface DialectReceipt {
  watermarks: Watermarks;
  /** Whether the read watermark moved. */
  isRead: boolean;
  /** Messages of others that the movement covers; empty unless `needs.covered`. */
  delivered: MessageFact[];
  read: MessageFact[];
  /** Those of `delivered` that somebody else in a group has read before, as far as is known. */
  seen: ReadonlySet<MessageId>;
  at: string;
}
export interface DialectTyping {
  conversationId: ConversationId;
  userId: UserId;
  /** Empty unless `needs.names`. */
  userName: string;
  isTyping: boolean;
  at: string;
}
export type DialectPresence = Presence & { at: string };

export interface Dialect {
  name: string;
  /** How sockets that declare nothing are known: whether they bring a token, and by their first event. */
  signsIn: "handshake" | "event";
  firstWord?: string;
  words: Record<string, Word>;
  /** The form of a failure; undefined where the dialect has none but the ack. */
  error(error: WireError): Emission | undefined;
  /** What a callback is called with after a failure. Absent: `{ ok: false, error }`. */
  failure?(error: WireError): unknown;
  /** Whether the socket that sent a message hears it as an event, too. */
  echo: "always" | "unless_acked" | "never";
  /** Messages reach every socket, or only those that asked for the conversation by a word that listens. */
  hears: "all" | "listened";
  needs: { receiver?: true; names?: true; covered?: true };
  /** What is delivered to an active socket in a direct conversation counts as read. */
  readsWhileActive?: true;
  /** Beside the native limit of sends. */
  sendLimit?: RateLimit;
  message(message: Message, about: { receiverId: UserId | null }): Emission[];
  change?(message: Message, change: MessageChange): Emission[];
  receipt?(news: DialectReceipt): Emission[];
  typing?(news: DialectTyping): Emission[];
  presence?(news: DialectPresence): Emission[];
  /** What somebody's presence looks like in this dialect: a change that looks the same is not told. */
  presenceWord?(presence: Pick<Presence, "status" | "custom">): string;
}

/** Keeps a word's own type of input while it is written, and forgets it in the table. */
export const word = <I>(definition: Word<I>): Word => definition as unknown as Word;
