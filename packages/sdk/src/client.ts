import type { EventName, EventPayload, HeadsReply, Ready } from "@confab/contract";
import { applyWatermarks } from "./apply.ts";
import { pageAttention } from "./attention.ts";
import { createConnection } from "./connection.ts";
import { createHandle } from "./conversation.ts";
import { createConversations } from "./conversations.ts";
import { createDrafts } from "./drafts.ts";
import { createEvents } from "./events.ts";
import { createFocus } from "./focus.ts";
import { createHistory } from "./history.ts";
import { createHttp } from "./http.ts";
import { createModeration } from "./moderation.ts";
import { createOutbox } from "./outbox.ts";
import { localOutboxStorage, memoryOutboxStorage } from "./outbox-storage.ts";
import { createPersonal } from "./personal.ts";
import { createPresence } from "./presence.ts";
import { createNotifier, scheduleFlush } from "./readable.ts";
import { createReceipts } from "./receipts.ts";
import { type Ctx, systemClock } from "./runtime.ts";
import {
  asSeen,
  type ConversationState,
  createStore,
  forget,
  isHidden,
  stateOf,
  touchDetails,
} from "./store.ts";
import { createSync } from "./sync.ts";
import { createTokens } from "./tokens.ts";
import { openSocketIo } from "./transport.ts";
import type { ChatClient, ChatClientOptions, ConversationHandle } from "./types.ts";
import { createTyping } from "./typing.ts";

const silent = { debug() {}, warn() {} };

/** Messages are told when they are applied, in order and once, however often they arrive. */
const TOLD_ONCE = new Set(["message:created", "message:updated", "message:hidden"]);

/** One client per person and page; wires the parts, each of which keeps its own promise. */
export function createChatClient(options: ChatClientOptions): ChatClient {
  const ctx: Ctx = {
    clock: options.clock ?? systemClock,
    random: options.random ?? Math.random,
    logger: options.logger ?? silent,
  };
  const attention = options.attention ?? pageAttention();
  const notifier = createNotifier(options.schedule ?? scheduleFlush);
  const store = createStore(notifier);
  const events = createEvents(ctx);
  const tokens = createTokens(ctx, options.getToken);
  const http = createHttp({ url: options.url, fetch: options.fetch, tokens });

  const connection = createConnection(ctx, {
    url: options.url,
    tokens,
    notifier,
    openTransport: options.transport ?? openSocketIo,
    isActive: attention.isActive,
    onReady,
    onEvent,
    onOffline() {
      sync.offline();
      outbox.offline();
      list.stop();
      focus.offline();
      personal.offline();
      drafts.offline();
    },
    onStopped: () => focus.stop(),
  });
  const { request, tell } = connection;
  const isOnline = (): boolean => connection.status.getSnapshot().state === "online";

  const history = createHistory({
    store,
    http,
    onPage(state, page) {
      for (const message of page.items) if (message.senderId === store.myId) outbox.settle(message);
      onApplied(state);
    },
  });
  const outbox = createOutbox(ctx, {
    store,
    request,
    storage: options.storage ?? localOutboxStorage() ?? memoryOutboxStorage(),
    onCommitted: receiveMessage,
  });
  const list = createConversations(ctx, { store, http, onApplied, onListed: () => sync.wake() });
  const sync = createSync(ctx, {
    store,
    request,
    http,
    reload: history.reload,
    reloadList: list.reload,
    onApplied,
    emitMessage(message, isNew) {
      if (message.senderId === store.myId) outbox.settle(message);
      const state = stateOf(store, message.conversationId);
      if (isHidden(state, message)) return;
      events.emit(isNew ? "message:created" : "message:updated", asSeen(state, message));
    },
    emitDiscontinuity: (gap) => events.emit("discontinuity", gap),
  });
  const typing = createTyping(ctx, { store, tell });
  const drafts = createDrafts(ctx, { store, request, isOnline, sync: () => personal.sync() });
  const personal = createPersonal(ctx, {
    store,
    request,
    onDraft: drafts.onDraft,
    onHidden: (hidden) => events.emit("message:hidden", hidden),
    onApplied: () => sync.wake(),
  });
  const presence = createPresence(ctx, { notifier, request, isOnline });
  const focus = createFocus(ctx, {
    attention,
    store,
    request,
    isOnline,
    hurry: connection.hurry,
    load: (state) => history.open(state),
    onHeads,
    onOpened(state) {
      history.reopen(state);
      sync.recheck(state);
    },
    onClosed: (state) => history.close(state),
    onLook(state) {
      if (mayAutoRead(state)) receipts.read(state, state.lastSeq);
      receipts.flush();
    },
    onBlur: () => typing.stopAll(),
  });
  const receipts = createReceipts(ctx, {
    store,
    request,
    isOnline,
    isSeen: focus.isSeen,
    onMarks(state, marks) {
      applyWatermarks(store, state, marks);
      sync.wake();
    },
  });

  /** Something of the conversation was brought up to date. */
  function onApplied(state: ConversationState): void {
    receipts.delivered(state);
    focus.ensureLoaded(state);
    if (state.stale) sync.wake();
    if (mayAutoRead(state) && focus.isSeen(state)) receipts.read(state, state.lastSeq);
  }

  function mayAutoRead(state: ConversationState): boolean {
    return focus.isAutoRead(state) && !state.unreadHeld && state.timeline.toSeq >= state.lastSeq;
  }

  function receiveMessage(message: EventPayload<"message:created">): void {
    if (message.senderId === store.myId) outbox.settle(message);
    sync.onMessage(message);
  }

  function onHeads({ heads, hasMore, personalRevision }: HeadsReply): void {
    personal.onRevision(personalRevision);
    sync.onHeads(heads, !hasMore);
  }

  function onReady(ready: Ready): void {
    if (store.myId !== null && store.myId !== ready.userId) {
      for (const state of store.states.values()) {
        forget(store, Object.assign(state, { outgoing: [], hidden: new Set() }));
      }
      store.list = { status: "loading", cursor: null };
      store.me.set(null);
      personal.reset();
      drafts.reset();
      receipts.reset();
    }
    if (store.myId !== ready.userId) {
      store.myId = ready.userId;
      for (const state of store.states.values()) touchDetails(store, state);
    }
    sync.online();
    onHeads(ready);
    list.start();
    presence.online();
    receipts.flush();
    focus.online();
    drafts.online();
    void outbox.online();
    if (store.me.getSnapshot() === null) {
      void http("getMe").then(store.me.set, (error) => ctx.logger.warn("profile not loaded", { error }));
    }
  }

  const handlers: { [N in Exclude<EventName, "ready">]?: (payload: EventPayload<N>) => void } = {
    "message:created": receiveMessage,
    "message:updated": receiveMessage,
    "receipt:updated": (marks) => {
      applyWatermarks(store, stateOf(store, marks.conversationId), marks);
      sync.wake();
    },
    "typing:changed": ({ conversationId, userIds }) =>
      typing.onChanged(stateOf(store, conversationId), userIds),
    "presence:changed": ({ presences }) => presence.onChanged(presences),
    "me:updated": ({ me }) => store.me.set(me),
    "conversation:updated": ({ conversation }) => sync.onConversation(conversation),
    "conversation:removed": ({ conversationId }) => sync.onRemoved(conversationId),
    "personal:updated": ({ state }) => personal.onState(state),
    "draft:updated": ({ draft }) => personal.onDraft(draft),
    "message:hidden": personal.onHidden,
    head: ({ revisions }) => sync.onRevisions(revisions),
  };

  function onEvent(name: string, payload: unknown): void {
    (handlers[name as "head"] as ((payload: unknown) => void) | undefined)?.(payload);
    if (!TOLD_ONCE.has(name)) events.emit(name as "discontinuity", payload as never);
  }

  const handles = new Map<string, ConversationHandle>();
  function conversation(id: string): ConversationHandle {
    const held = handles.get(id);
    if (held !== undefined) return held;
    const handle = createHandle(stateOf(store, id), {
      store,
      http,
      request,
      history,
      outbox,
      receipts,
      typing,
      drafts,
      on: events.on,
      open: focus.open,
      onChanged: (message) => sync.onMessage(message, { personal: true }),
      onConversation: (changed) => sync.onConversation(changed, { answered: true }),
      onMarks: (marks) => applyWatermarks(store, stateOf(store, marks.conversationId), marks),
      onPersonal: personal.onState,
      onHidden: personal.onHidden,
    });
    handles.set(id, handle);
    return handle;
  }

  return {
    connect() {
      focus.start();
      return connection.hold();
    },
    disconnect: connection.leave,
    connection: connection.status,
    me: store.me,
    conversations: store.listView,
    loadMoreConversations: list.more,
    conversation,
    async openDirect(userId) {
      const created = await http("createConversation", { body: { kind: "direct", userId } });
      sync.onConversation(created, { answered: true });
      return created.id;
    },
    async createGroup(input) {
      const created = await http("createConversation", { body: { kind: "group", ...input } });
      sync.onConversation(created, { answered: true });
      return created.id;
    },
    search: (query, options) => request("message:search", { query, ...options }),
    threads: (options) => request("thread:list", { ...options }),
    async markAllRead() {
      await request("receipt:readAll", {});
    },
    moderation: createModeration(http),
    searchUsers: async (query) => (await http("searchUsers", { query: { query } })).items,
    getUser: (userId) => http("getUser", { params: { userId } }),
    setStatus: async (input) => (await request("status:set", input)).status,
    async updateMe(input) {
      const me = await http("updateMe", { body: input });
      store.me.set(me);
      return me;
    },
    presence: presence.api,
    outbox: store.outboxView,
    on: events.on,
    request: http,
  };
}
