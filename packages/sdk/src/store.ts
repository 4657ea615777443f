import type { ChatError, Conversation, Me, Message, PersonalState } from "@confab/contract";
import { createMessageList } from "./message-list.ts";
import { createDerived, createSource, type Derived, type Notifier, type Source } from "./readable.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import type {
  ConversationList,
  ConversationListItem,
  LoadStatus,
  MessageList,
  OutboxItem,
  SendInput,
} from "./types.ts";

/** A message of one's own that is not committed yet; replaced, never changed, so that its row is stable. */
export interface OutboxEntry extends OutboxItem {
  input: SendInput;
}

/** What is kept beside the log, and told of what its changes do not say. */
export interface OpenThread {
  /** After every sync: what has no revision may have been missed, too. */
  recheck(): void;
  /** The conversation begins anew: what lies between was not looked at. */
  reload(): void;
}

/** All that is held of one conversation. Everything else is computed from it. */
export interface ConversationState {
  readonly id: string;
  details: Conversation | null;
  lastMessage: Message | null;
  unreadCount: number;
  mentionCount: number;
  personal: PersonalState | null;
  /** Seqs of what the person deleted for themself: for good, so whatever still brings it is passed over (`isHidden`). */
  hidden: Set<number>;
  /** `Store.news` when the last of them came. */
  hiddenAt: number;
  /** `Store.news` when the person was last put out, or left. */
  forgottenAt: number;
  /** Marked unread while it was open: it stays so until somebody comes back to it. */
  unreadHeld: boolean;
  /** Every change up to this revision is in (P4); null: nothing is known yet. */
  known: number | null;
  /** The highest revision heard of. */
  target: number;
  /** The unread counts must be asked for again. */
  stale: boolean;
  /** Watermarks may have been missed, which raise no revision: sync even when nothing seems to have changed. */
  recheck: boolean;
  /** Seq of the last message at `known`. */
  lastSeq: number;
  /** Where the person came in; came back, the last time. */
  joinedSeq: number;
  /** Own watermarks; may be ahead of the server's while a receipt is on its way. */
  readSeq: number;
  deliveredSeq: number;
  /** How far the others have come: see `reachOf`. */
  reach: { deliveredSeq: number; readSeq: number };
  timeline: Timeline;
  /** Changes that arrived before their predecessors, by revision. */
  held: Map<number, Message>;
  /** Own messages that are committed, but lie beyond a gap that is being closed. */
  landing: Message[];
  outgoing: OutboxEntry[];
  loadStatus: LoadStatus | "idle";
  loadError: ChatError | undefined;
  firstUnreadSeq: number | null;
  openCount: number;
  /** Threads that are open here. */
  threads: Set<OpenThread>;
  readonly detailsView: Derived<Conversation | null>;
  readonly messagesView: Derived<MessageList>;
  readonly typing: Source<string[]>;
  item: ConversationListItem | null;
}

export interface Store {
  readonly notifier: Notifier;
  myId: string | null;
  readonly me: Source<Me | null>;
  readonly states: Map<string, ConversationState>;
  /** Counts what an answer that was asked for before may not know: something was hidden, a conversation was left. */
  news: number;
  list: { status: LoadStatus; error?: ChatError; cursor: string | null };
  readonly listView: Derived<ConversationList>;
  readonly outboxView: Derived<OutboxItem[]>;
}

export function createStore(notifier: Notifier): Store {
  const states = new Map<string, ConversationState>();
  const store: Store = {
    notifier,
    myId: null,
    me: createSource<Me | null>(notifier, null),
    states,
    news: 0,
    list: { status: "loading", cursor: null },
    listView: createDerived(notifier, () => listOf(store)),
    outboxView: createDerived(notifier, () =>
      [...states.values()]
        .flatMap((state) => state.outgoing)
        .sort((one, other) => one.queuedAtMs - other.queuedAtMs),
    ),
  };
  return store;
}

export function stateOf(store: Store, id: string): ConversationState {
  const held = store.states.get(id);
  if (held !== undefined) return held;
  const state: ConversationState = {
    id,
    ...emptyState(),
    detailsView: createDerived(store.notifier, () => state.details),
    messagesView: createDerived(
      store.notifier,
      createMessageList(store, () => state),
    ),
    typing: createSource<string[]>(store.notifier, []),
  };
  state.typing.subscribe(() => touchItem(store, state));
  store.states.set(id, state);
  return state;
}

const emptyState = () => ({
  details: null,
  lastMessage: null,
  unreadCount: 0,
  mentionCount: 0,
  personal: null,
  hidden: new Set<number>(),
  hiddenAt: 0,
  forgottenAt: 0,
  unreadHeld: false,
  known: null,
  target: 0,
  stale: false,
  recheck: false,
  lastSeq: 0,
  joinedSeq: 0,
  readSeq: 0,
  deliveredSeq: 0,
  reach: { deliveredSeq: 0, readSeq: 0 },
  timeline: createTimeline(),
  held: new Map<number, Message>(),
  landing: [],
  outgoing: [],
  loadStatus: "idle" as const,
  loadError: undefined,
  firstUnreadSeq: null,
  openCount: 0,
  threads: new Set<OpenThread>(),
  item: null,
});

/** Forgets what is known of a conversation, but for what nobody tells again; handles and subscriptions stay good. */
export function forget(store: Store, state: ConversationState): void {
  const { openCount, outgoing, hidden, threads } = state;
  store.news += 1;
  Object.assign(state, emptyState(), { openCount, outgoing, hidden, threads, forgottenAt: store.news });
  state.typing.set([]);
  touchDetails(store, state);
}

export function touchItem(store: Store, state: ConversationState): void {
  state.item = null;
  store.listView.invalidate();
}

export function touchDetails(store: Store, state: ConversationState): void {
  state.detailsView.invalidate();
  state.messagesView.invalidate();
  touchItem(store, state);
}

export function touchOutbox(store: Store, state: ConversationState): void {
  state.messagesView.invalidate();
  store.outboxView.invalidate();
}

function listOf(store: Store): ConversationList {
  const items: ConversationListItem[] = [];
  for (const state of store.states.values()) {
    if (state.details === null) continue;
    state.item ??= itemOf(state, state.details);
    items.push(state.item);
  }
  items.sort((one, other) => {
    const pinned = Number(isPinned(other)) - Number(isPinned(one));
    if (pinned !== 0) return pinned;
    const [a, b] = [activityOf(one, store), activityOf(other, store)];
    return a === b ? Number(other.id) - Number(one.id) : a < b ? 1 : -1;
  });
  const { status, error, cursor } = store.list;
  return { items, hasMore: cursor !== null, status, ...(error === undefined ? {} : { error }) };
}

export const isHidden = (state: ConversationState, message: Pick<Message, "seq">): boolean =>
  state.hidden.has(message.seq);

/** As the person sees it: a quote of what they deleted for themself keeps its place and loses its words. */
export function asSeen(state: ConversationState, message: Message): Message {
  const { replyTo } = message;
  if (replyTo === null || replyTo.body === null || !isHidden(state, replyTo)) return message;
  return { ...message, replyTo: { ...replyTo, body: null } };
}

const isPinned = (item: ConversationListItem): boolean => item.personal?.pinnedAt != null;

const activityOf = (item: ConversationListItem, store: Store): string =>
  item.lastMessageAt ?? store.states.get(item.id)?.details?.createdAt ?? "";

function itemOf(state: ConversationState, details: Conversation): ConversationListItem {
  const { lastMessage } = state;
  const { id, kind, title, avatarUrl, encrypted, memberCount, members } = details;
  return {
    id,
    kind,
    title,
    avatarUrl,
    encrypted,
    memberCount,
    members,
    lastMessage: lastMessage && isHidden(state, lastMessage) ? null : lastMessage,
    lastMessageAt: lastMessage?.createdAt ?? details.lastMessageAt,
    unreadCount: state.unreadCount,
    mentionCount: state.mentionCount,
    personal: state.personal,
    typingUserIds: state.typing.getSnapshot(),
  };
}
