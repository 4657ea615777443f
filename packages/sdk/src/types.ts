import type {
  ChatError,
  CommandInput,
  Conversation,
  ConversationChange,
  CustomStatus,
  EventName,
  EventPayload,
  Me,
  Message,
  MessageKind,
  MessageVersion,
  PersonalState,
  Presence,
  Readers,
  Role,
  SearchPage,
  ThreadItem,
  ThreadState,
  User,
} from "@confab/contract";
import type { Attention } from "./attention.ts";
import type { HttpInput, HttpReply, HttpRouteName } from "./http.ts";
import type { Moderation } from "./moderation.ts";
import type { OutboxStorage } from "./outbox-storage.ts";
import type { Clock } from "./runtime.ts";
import type { OpenTransport } from "./transport.ts";

/**
 * A value that changes over time. `getSnapshot` returns the same reference until the value changes, so it fits
 * React's `useSyncExternalStore`; `subscribe` returns its own undoing.
 */
export interface Readable<T> {
  getSnapshot(): T;
  subscribe(listener: () => void): () => void;
}

export type Unsubscribe = () => void;

/** Why a token is asked for: a connection opens, the one in use ends soon, or the server refused the last one. */
export type TokenReason = "connect" | "expiring" | "rejected";
export type GetToken = (request: { reason: TokenReason; signal: AbortSignal }) => Promise<string> | string;

export interface Logger {
  debug(message: string, fields?: object): void;
  warn(message: string, fields?: object): void;
}

export interface ChatClientOptions {
  /** Address of the deployment, e.g. `https://chat.example.com`; REST and the socket share it. */
  url: string;
  /** Returns an access token; throw `ChatError("unauthenticated")` when the person must sign in again. */
  getToken: GetToken;
  /** Where unsent messages wait; default: `localStorage` where there is one, else memory. */
  storage?: OutboxStorage;
  /** 0 ≤ x < 1, for jitter. */
  random?: () => number;
  clock?: Clock;
  logger?: Logger;
  fetch?: typeof fetch;
  /** Whether somebody looks; default: focus and visibility of the page, always where there is none. */
  attention?: Attention;
  /** When listeners hear of changes; default: once per frame on a page, else at the end of the task. */
  schedule?: (flush: () => void) => void;
  /** Replaces Socket.IO; tests give an in-memory one. */
  transport?: OpenTransport;
}

/**
 * - `idle`: not asked to connect yet, or disconnected on request
 * - `connecting`, `reconnecting`: under way, or waiting until `retryAtMs` (epoch ms); retried without limit
 * - `unauthorized`: the token was refused twice, or `getToken` said so; `connect()` tries again
 * - `closed`: the server will never accept this client (`error` says why, e.g. `unsupported_version`)
 */
export interface ConnectionStatus {
  state: "idle" | "connecting" | "online" | "reconnecting" | "unauthorized" | "closed";
  retryAtMs?: number;
  error?: ChatError;
}

/** One conversation as a list shows it. */
export interface ConversationListItem {
  id: string;
  kind: Conversation["kind"];
  /** A group's title; null in a direct conversation (name it after the other member). */
  title: string | null;
  avatarUrl: string | null;
  encrypted: boolean;
  memberCount: number;
  members: Conversation["members"];
  lastMessage: Message | null;
  lastMessageAt: string | null;
  /** Others' messages after the own read watermark; counted up to `LIMITS.unreadCap`. */
  unreadCount: number;
  mentionCount: number;
  /** What the person has of their own here: until when it is muted, since when it is pinned or archived, from where it
   * is marked unread (also where nothing of others' is). Null until known. */
  personal: PersonalState | null;
  /** Others who are typing now. */
  typingUserIds: string[];
}

export type LoadStatus = "loading" | "ready" | "failed";

export interface ConversationList {
  /** Pinned ones first, then newest activity first; archived ones are among them. */
  items: ConversationListItem[];
  hasMore: boolean;
  status: LoadStatus;
  error?: ChatError;
}

/**
 * - `queued`: waits for its turn or for the connection (not a failure); `sending`: on its way
 * - `sent`: committed. `delivered`, `read`: in a direct conversation the other person has it or has read it; in a
 *   group all others have (never claimed where more than 200 members make it unknowable). Others' messages: `sent`.
 * - `failed`: refused for good; `retry` or `discard` it
 */
export type MessageState = "queued" | "sending" | "sent" | "delivered" | "read" | "failed";

/** A message on the screen: one record from the moment it is typed, joined by `clientMessageId`. */
export interface TimelineMessage extends Omit<Message, "id" | "seq"> {
  /** Stable for life: the `clientMessageId` of own messages, the id of others'. */
  key: string;
  /** Null until it is committed. */
  id: string | null;
  /** Null until it is committed. */
  seq: number | null;
  mine: boolean;
  state: MessageState;
  error?: ChatError;
}

export interface MessageList {
  /** In seq order without holes, then what still waits to be sent. */
  items: TimelineMessage[];
  hasOlder: boolean;
  hasNewer: boolean;
  status: LoadStatus | "idle";
  error?: ChatError;
  /** The window ends at the newest message, so new ones appear by themselves. */
  atLatest: boolean;
  /** First unread message as it was when the conversation was opened; null when there was none. */
  firstUnreadSeq: number | null;
}

export interface SendInput {
  /** Text; may be absent for kinds that live by metadata. */
  body?: string | null;
  kind?: Exclude<MessageKind, "system">;
  metadata?: Message["metadata"];
  replyToId?: string | null;
  /** Answers in the thread of this message. */
  threadRootId?: string | null;
  /** Of a `custom` message: what its metadata follows. */
  schemaId?: string | null;
  mentions?: string[];
}

export interface SentMessage {
  clientMessageId: string;
  /** The committed message; rejects with the ChatError when it is refused for good or discarded. */
  delivered: Promise<Message>;
}

/** An unsent message, as the outbox shows it. */
export interface OutboxItem {
  clientMessageId: string;
  conversationId: string;
  body: string | null;
  state: "queued" | "sending" | "failed";
  queuedAtMs: number;
  error?: ChatError;
}

export interface DraftText {
  body: string;
  replyToId: string | null;
}

/** A text that is not sent: saved a second after the last change, and the same on all of the person's devices. */
export interface DraftHandle {
  readonly text: Readable<DraftText>;
  set(text: { body: string; replyToId?: string | null }): void;
  clear(): void;
}

export interface ThreadView {
  root: Message | null;
  /** Committed replies in seq order; what is on its way is in the conversation's `messages`. */
  items: Message[];
  state: ThreadState | null;
  hasOlder: boolean;
  status: LoadStatus | "idle";
  error?: ChatError | undefined;
}

/** One thread: its replies while it is open, its own watermark, and whether the person follows it. */
export interface ThreadHandle {
  readonly rootId: string;
  readonly view: Readable<ThreadView>;
  readonly draft: DraftHandle;
  /** Loads the newest page and keeps it up to date; returns `close`. Counted. */
  open(): () => void;
  loadOlder(): Promise<void>;
  send(input: SendInput): SentMessage;
  /** The person has seen the thread up to `seq`. */
  markRead(seq: number): Promise<void>;
  follow(): Promise<void>;
  unfollow(): Promise<void>;
}

/** A handle on one conversation; making it does no I/O, and the same id gives the same handle. */
export interface ConversationHandle {
  readonly id: string;
  readonly details: Readable<Conversation | null>;
  readonly messages: Readable<MessageList>;
  /** Loads the newest page and makes this the conversation on screen; returns `close`. Counted: open twice, close twice. */
  open(options?: {
    /** Marks the newest message as read by itself while open, in view and at the latest; default false: call `markRead`. */
    autoRead?: boolean;
  }): () => void;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  jumpTo(target: { seq: number } | "latest"): Promise<void>;
  /** Shows the message at once and sends it in order, also after a reload; the outbox retries until it is accepted or refused. */
  send(input: SendInput): SentMessage;
  retry(clientMessageId: string): void;
  discard(clientMessageId: string): void;
  edit(messageId: string, body: string, options?: { expectedRevision?: number }): Promise<void>;
  /** `everyone` leaves a tombstone; `me` hides it from yourself. */
  delete(messageId: string, scope?: "everyone" | "me"): Promise<void>;
  react(messageId: string, emoji: string): Promise<void>;
  unreact(messageId: string, emoji: string): Promise<void>;
  pin(messageId: string): Promise<void>;
  unpin(messageId: string): Promise<void>;
  /** What is pinned here, pinned last first. */
  pins(): Promise<Message[]>;
  /** The person has seen up to `seq`. Forward only, coalesced; told once the conversation is open and in view. */
  markRead(seq: number): void;
  /** Everything here is seen, whether it is open or not. */
  markAllRead(): Promise<void>;
  /** Unread from `seq` on, on all of this person's devices and nobody else's; ends with reading on, or coming back. */
  markUnread(seq: number): Promise<void>;
  /** For oneself: `mutedUntil` (null: not muted), `pinned`, `archived`; what is absent stays. */
  setPersonal(input: { mutedUntil?: string | null; pinned?: boolean; archived?: boolean }): Promise<void>;
  /** Who has seen a message; in groups of more than 200 only how many. */
  readers(messageId: string): Promise<Readers>;
  /** What a message said before it was edited, oldest first (admins and moderators). */
  edits(messageId: string): Promise<MessageVersion[]>;
  /** What is typed here or in a thread of it; sending clears it. The same arguments give the same draft. */
  draft(threadRootId?: string): DraftHandle;
  /** The replies of a message; making it does no I/O. */
  thread(rootId: string): ThreadHandle;
  readonly typing: {
    /** Call on every keystroke; what goes over the wire is at most one frame in 2 s. */
    keystroke(): void;
    stop(): void;
    /** Others who are typing. */
    readonly users: Readable<string[]>;
  };
  addMember(userId: string): Promise<void>;
  /** Your own id: leave. */
  removeMember(userId: string): Promise<void>;
  changeRole(userId: string, role: Role): Promise<void>;
  rename(title: string): Promise<void>;
  /** Title, picture and settings, as far as your role goes. */
  update(change: ConversationChange): Promise<void>;
}

/**
 * Changes between two revisions did not arrive live. `healed`: they were fetched and applied in place, nothing is
 * missing. Not healed: the list item or the newest page was loaded afresh, and what lay between was not looked at.
 */
export interface Discontinuity {
  conversationId: string;
  fromRevision: number;
  toRevision: number;
  healed: boolean;
}

export type ChatEventName = Exclude<EventName, "ready" | "head"> | "discontinuity";
/** Messages are told once each, in the order of their revisions; after a gap that is not healed, see `discontinuity`. */
export type ChatEventPayload<N extends ChatEventName> = N extends EventName ? EventPayload<N> : Discontinuity;

export interface ChatClient {
  /** Idempotent; while it waits for its next attempt, tries at once. Each call takes a hold and returns its release; the last release leaves after a short grace (StrictMode). */
  connect(): () => void;
  /** Leaves cleanly, whoever holds; resolves once the socket is closed. */
  disconnect(): Promise<void>;
  readonly connection: Readable<ConnectionStatus>;
  readonly me: Readable<Me | null>;
  readonly conversations: Readable<ConversationList>;
  loadMoreConversations(): Promise<void>;
  conversation(conversationId: string): ConversationHandle;
  /** Opens the direct conversation with a person, the same for ever; resolves to its id. */
  openDirect(userId: string): Promise<string>;
  /** Makes a group; resolves to its id. */
  createGroup(
    input: { title: string; memberIds: string[] } & Partial<Conversation["settings"]>,
  ): Promise<string>;
  readonly moderation: Moderation;
  searchUsers(query: string): Promise<User[]>;
  /** Messages with these words, newest first, in one conversation or in all; `message.seq` is where to jump. */
  search(
    query: string,
    options?: { conversationId?: string; cursor?: string; limit?: number },
  ): Promise<SearchPage>;
  /** Threads that the person follows, latest reply first. */
  threads(options?: { cursor?: string; limit?: number }): Promise<{
    items: ThreadItem[];
    nextCursor: string | null;
  }>;
  /** Everything everywhere is seen. */
  markAllRead(): Promise<void>;
  getUser(userId: string): Promise<User>;
  /**
   * Your profile; `presencePrivacy`: who may see your presence and status, all who are signed in (`everyone`), those who
   * share a conversation (`shared`, the default), or `nobody`.
   */
  updateMe(input: {
    displayName?: string;
    avatarUrl?: string | null;
    presencePrivacy?: Me["presencePrivacy"];
  }): Promise<Me>;
  /**
   * Says something of yourself, until `expiresAt` or until you change it: text, emoji and end are replaced together,
   * unless none is given. `dndUntil`: not to be notified until then; null ends it. Times are ISO 8601.
   */
  setStatus(input: CommandInput<"status:set">): Promise<CustomStatus | null>;
  readonly presence: {
    /** Follows people until undone; counted per person. */
    watch(userIds: readonly string[]): Unsubscribe;
    /** Null until known, and for people who do not let you see it. */
    of(userId: string): Readable<Presence | null>;
  };
  /** Everything that is not sent yet, oldest first. */
  readonly outbox: Readable<OutboxItem[]>;
  on<N extends ChatEventName>(event: N, listener: (payload: ChatEventPayload<N>) => void): Unsubscribe;
  /** One typed REST call with the client's token, for what has no method of its own. */
  request<N extends HttpRouteName>(route: N, input?: HttpInput<N>): Promise<HttpReply<N>>;
}
