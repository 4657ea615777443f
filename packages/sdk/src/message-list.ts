import type { Message } from "@confab/contract";
import { asSeen, type ConversationState, isHidden, type OutboxEntry, type Store } from "./store.ts";
import type { MessageList, MessageState, TimelineMessage } from "./types.ts";

/**
 * Computes what a screen shows of a conversation. Rows keep their identity while their message and state stay, so a
 * list of 10,000 renders the one row that changed.
 */
export function createMessageList(
  store: Store,
  getState: () => ConversationState,
): (previous: MessageList | undefined) => MessageList {
  /** The messages that `rows` were made of, one for one. */
  let sources: Message[] = [];
  let rows: TimelineMessage[] = [];
  const drafts = new WeakMap<OutboxEntry, TimelineMessage>();
  const seen = new WeakMap<Message, Message>();

  /** The messages to show, each the same object as long as it is the same. */
  function shownOf(state: ConversationState, messages: Message[]): Message[] {
    if (state.hidden.size === 0) return messages;
    return messages
      .filter((message) => !isHidden(state, message))
      .map((message) => {
        const shown = seen.get(message) ?? asSeen(state, message);
        if (shown !== message) seen.set(message, shown);
        return shown;
      });
  }

  /** Both lists are in seq order, so the rows to keep are found in one walk. */
  function rowsOf(state: ConversationState, messages: Message[]): TimelineMessage[] {
    let at = 0;
    rows = messages.map((message) => {
      while (at < sources.length && (sources[at] as Message).seq < message.seq) at += 1;
      const held = sources[at] === message ? rows[at] : undefined;
      const mine = message.senderId === store.myId;
      const status = mine && message.kind !== "system" ? tickOf(state, message.seq) : "sent";
      if (held?.state === status && held.mine === mine) return held;
      return { ...message, key: mine ? message.clientMessageId : message.id, mine, state: status };
    });
    sources = messages;
    return rows;
  }

  function draftRowOf(state: ConversationState, entry: OutboxEntry): TimelineMessage {
    const row = drafts.get(entry) ?? draftOf(store, state, entry);
    drafts.set(entry, row);
    return row;
  }

  return (previous) => {
    const state = getState();
    const { timeline } = state;
    state.landing = state.landing.filter((message) => message.seq > timeline.toSeq);
    const landing = state.landing.toSorted((one, other) => one.seq - other.seq);
    const committed = rowsOf(state, shownOf(state, [...timeline.messages, ...landing]));
    const items = [...committed, ...state.outgoing.map((entry) => draftRowOf(state, entry))];
    const atLatest = timeline.loaded && timeline.toSeq >= state.lastSeq;
    const list: MessageList = {
      items: previous !== undefined && sameItems(previous.items, items) ? previous.items : items,
      hasOlder: timeline.hasOlder,
      hasNewer: timeline.loaded && !atLatest,
      status: state.loadStatus,
      ...(state.loadError === undefined ? {} : { error: state.loadError }),
      atLatest,
      firstUnreadSeq: state.firstUnreadSeq,
    };
    return previous !== undefined && sameList(previous, list) ? previous : list;
  };
}

function tickOf(state: ConversationState, seq: number): MessageState {
  if (seq <= state.reach.readSeq) return "read";
  return seq <= state.reach.deliveredSeq ? "delivered" : "sent";
}

function draftOf(store: Store, state: ConversationState, entry: OutboxEntry): TimelineMessage {
  const { input, clientMessageId } = entry;
  const quoted = state.timeline.messages.find((message) => message.id === input.replyToId);
  return {
    key: clientMessageId,
    clientMessageId,
    id: null,
    seq: null,
    revision: 0,
    conversationId: entry.conversationId,
    senderId: store.myId ?? "",
    mine: true,
    kind: input.kind ?? "text",
    body: input.body ?? null,
    metadata: input.metadata ?? null,
    createdAt: new Date(entry.queuedAtMs).toISOString(),
    editedAt: null,
    deletedAt: null,
    pinnedAt: null,
    replyTo:
      quoted === undefined
        ? null
        : {
            id: quoted.id,
            seq: quoted.seq,
            senderId: quoted.senderId,
            kind: quoted.kind,
            body: quoted.body,
          },
    threadRootId: input.threadRootId ?? null,
    thread: null,
    schemaId: input.schemaId ?? null,
    mentions: input.mentions ?? [],
    attachments: [],
    reactions: [],
    state: entry.state,
    ...(entry.error === undefined ? {} : { error: entry.error }),
  };
}

const sameItems = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((item, index) => item === other[index]);

const sameList = (one: MessageList, other: MessageList): boolean =>
  (Object.keys({ ...one, ...other }) as (keyof MessageList)[]).every((key) => one[key] === other[key]);
