import { type HiddenMessage, LIMITS, type Message, type ThreadState } from "@confab/contract";
import type { Connection } from "./connection.ts";
import type { Events } from "./events.ts";
import { createSource, type Source } from "./readable.ts";
import { asChatError } from "./runtime.ts";
import { asSeen, isHidden, type Store, stateOf } from "./store.ts";
import { withQuote } from "./timeline.ts";
import type { ConversationHandle, SendInput, SentMessage, ThreadHandle, ThreadView } from "./types.ts";

const PAGE = 50;
const NOTHING: ThreadView = { root: null, items: [], state: null, hasOlder: false, status: "idle" };

export interface ThreadOptions {
  store: Store;
  request: Connection["request"];
  on: Events["on"];
  send(input: SendInput): SentMessage;
  draft: ConversationHandle["draft"];
}

/** The replies of one message: its newest page, kept up to date by the conversation's own changes while it is open. */
export function createThread(
  place: { conversationId: string; rootId: string },
  { store, request, on, send, draft }: ThreadOptions,
): ThreadHandle {
  const { conversationId, rootId } = place;
  const view: Source<ThreadView> = createSource(store.notifier, NOTHING);
  const change = (fields: Partial<ThreadView>): void =>
    view.set(counted({ ...view.getSnapshot(), ...fields }, store.myId));
  let openCount = 0;
  let undo: (() => void)[] = [];
  /** Changes that arrive while a page is on its way: the page may be older than they are. */
  let meanwhile: Message[] = [];
  let loads = 0;
  /** The newest page is still to come, or to come again; asking for it may have failed. */
  let isBehind = false;
  /** Counts what may have changed the person's state here: an answer that was asked for before may be older. */
  let news = 0;
  let isAsking = false;
  const conversation = stateOf(store, conversationId);
  const isShown = (message: Message): boolean => !isHidden(conversation, message);
  const shown = (messages: Message[]): Message[] =>
    messages.filter(isShown).map((message) => asSeen(conversation, message));
  const shownRoot = (root: Message | null): Message | null => (root && shown([root])[0]) ?? null;

  async function load(before?: number): Promise<void> {
    loads += 1;
    const asOf = news;
    try {
      const page = await request("thread:messages", { rootId, limit: PAGE, before });
      const { items, state } = view.getSnapshot();
      const isFirst = before === undefined;
      // Another page was placed meanwhile: this one no longer fits its edge.
      if (!isFirst && items[0]?.seq !== before) return;
      if (isFirst) isBehind = false;
      change({
        root: shownRoot(page.root),
        items: shown(isFirst ? page.items : [...page.items, ...items]),
        ...(isFirst && { state: later(state, page.state) }),
        hasOlder: page.hasOlder,
        status: "ready",
        error: undefined,
      });
      for (const message of shown(meanwhile)) take(message);
      if (news > asOf) recheck();
    } catch (cause) {
      const { status } = view.getSnapshot();
      change({ status: status === "ready" ? "ready" : "failed", error: asChatError(cause) });
      throw cause;
    } finally {
      loads -= 1;
      if (loads === 0) meanwhile = [];
    }
  }

  function onMessage(message: Message): void {
    if (message.conversationId !== conversationId) return;
    if (loads > 0) meanwhile.push(message);
    take(message);
    if (message.threadRootId === rootId) recount();
  }

  /** Beyond what is loaded the server is to count. */
  function recount(): void {
    news += 1;
    if (loads === 0 && !reachesUnread(view.getSnapshot())) recheck();
  }

  function take(message: Message): void {
    const { root, status } = view.getSnapshot();
    if (status !== "ready") return;
    if (message.id === rootId && (root === null || message.revision >= root.revision))
      change({ root: message });
    if (message.threadRootId === rootId) takeReply(message);
    requote(message);
  }

  /** Any message of the conversation may be quoted here. */
  function requote(message: Message): void {
    const { items, root } = view.getSnapshot();
    const quoted = items.map((item) => withQuote(item, message));
    if (quoted.some((item, index) => item !== items[index])) change({ items: quoted });
    if (root !== null) change({ root: withQuote(root, message) });
  }

  function takeReply(message: Message): void {
    const { items, hasOlder } = view.getSnapshot();
    const held = items.findIndex((item) => item.id === message.id);
    if (held >= 0) {
      if ((items[held] as Message).revision <= message.revision) change({ items: items.with(held, message) });
      return;
    }
    // Older than what is loaded: it comes with its page.
    if (hasOlder && message.seq < (items[0]?.seq ?? 0)) return;
    change({ items: [...items, message].sort((one, other) => one.seq - other.seq) });
  }

  function onHidden({ conversationId: id, seq }: HiddenMessage): void {
    if (id !== conversationId) return;
    const { root, items, state } = view.getSnapshot();
    change({ root: shownRoot(root), items: shown(items) });
    if (seq > (state?.readSeq ?? 0)) recount();
  }

  /** The newest page again; what lay between is not looked at. Without an answer: `recheck` asks again. */
  function reload(): void {
    isBehind = true;
    void load().catch(() => {});
  }

  /** Asks for the person's state here as it is now. Without an answer: the next sync asks again. */
  function recheck(): void {
    news += 1;
    if (isBehind && loads === 0) reload();
    else if (!isAsking) void askState().catch(() => {});
  }

  async function askState(): Promise<void> {
    isAsking = true;
    try {
      for (let asOf = -1; asOf !== news && openCount > 0; ) {
        asOf = news;
        const { state } = await request("thread:messages", { rootId, limit: 1 });
        change({ state: later(view.getSnapshot().state, state) });
      }
    } finally {
      isAsking = false;
    }
  }

  /** Of two that differ in what only the person decides, nothing says which is the later one: the server is asked. */
  function onState(state: ThreadState): void {
    if (state.rootId !== rootId) return;
    const held = view.getSnapshot().state;
    news += 1;
    change({ state: later(held, state) });
    if (held !== null && held.following !== state.following) recheck();
  }

  async function ask(answer: Promise<{ state: ThreadState }>): Promise<void> {
    onState((await answer).state);
  }

  function start(): void {
    change({ status: "loading" });
    const self = { recheck, reload };
    conversation.threads.add(self);
    undo = [
      () => conversation.threads.delete(self),
      on("message:created", onMessage),
      on("message:updated", onMessage),
      on("message:hidden", onHidden),
      on("thread:updated", ({ state }) => onState(state)),
      on("discontinuity", (gap) => {
        if (gap.conversationId === conversationId && !gap.healed) reload();
      }),
    ];
    reload();
  }

  return {
    rootId,
    view,
    draft: draft(rootId),
    open() {
      openCount += 1;
      if (openCount === 1) start();
      let closed = false;
      return () => {
        if (closed) return;
        closed = true;
        openCount -= 1;
        if (openCount > 0) return;
        for (const stop of undo) stop();
        view.set(NOTHING);
      };
    },
    async loadOlder() {
      const { items, hasOlder } = view.getSnapshot();
      if (hasOlder && items[0]) await load(items[0].seq);
    },
    send: (input) => send({ ...input, threadRootId: rootId }),
    markRead: (seq) => ask(request("thread:read", { rootId, seq })),
    follow: () => ask(request("thread:follow", { rootId })),
    unfollow: () => ask(request("thread:unfollow", { rootId })),
  };
}

/** Watermarks only move forward (P6), also when answers overtake each other. */
const later = (held: ThreadState | null, state: ThreadState): ThreadState =>
  held !== null && held.readSeq > state.readSeq ? held : state;

/** Everything that may be unread is loaded. */
const reachesUnread = ({ status, items, hasOlder, state }: ThreadView): boolean =>
  status === "ready" &&
  (!hasOlder || (items[0]?.seq ?? Number.POSITIVE_INFINITY) <= (state?.readSeq ?? 0) + 1);

/** What is unread is counted here where it is loaded: an answer may have counted what is only heard of after it. */
function counted(view: ThreadView, myId: string | null): ThreadView {
  const { state, items } = view;
  if (state === null || !reachesUnread(view)) return view;
  const unread = items.filter(
    ({ seq, senderId, deletedAt }) => seq > state.readSeq && senderId !== myId && deletedAt === null,
  );
  return { ...view, state: { ...state, unreadCount: Math.min(LIMITS.unreadCap, unread.length) } };
}
