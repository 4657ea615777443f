import type { Conversation, HiddenMessage, Message, PersonalState, Watermarks } from "@confab/contract";
import type { Connection } from "./connection.ts";
import type { Drafts } from "./drafts.ts";
import type { Events } from "./events.ts";
import type { History } from "./history.ts";
import type { Http } from "./http.ts";
import type { Outbox } from "./outbox.ts";
import type { Receipts } from "./receipts.ts";
import type { ConversationState, Store } from "./store.ts";
import { createThread } from "./threads.ts";
import type { ConversationHandle, DraftHandle, SendInput, SentMessage, ThreadHandle } from "./types.ts";
import type { Typing } from "./typing.ts";

export interface HandleOptions {
  store: Store;
  http: Http;
  request: Connection["request"];
  history: History;
  outbox: Outbox;
  receipts: Receipts;
  typing: Typing;
  drafts: Drafts;
  on: Events["on"];
  open(state: ConversationState, autoRead: boolean): () => void;
  /** A changed message came back from one's own command, as this person sees it. */
  onChanged(message: Message): void;
  onConversation(conversation: Conversation): void;
  onMarks(marks: Watermarks): void;
  onPersonal(state: PersonalState): void;
  onHidden(hidden: HiddenMessage): void;
}

/** What the host product holds of a conversation: methods and readables, no state of its own. */
export function createHandle(state: ConversationState, options: HandleOptions): ConversationHandle {
  const { http, request, history, outbox, receipts, typing } = options;
  const { id } = state;
  const params = { conversationId: id };
  const draft = (threadRootId?: string): DraftHandle => options.drafts.handle(id, threadRootId ?? null);
  function send(input: SendInput): SentMessage {
    typing.stop(id);
    const { loaded, toSeq } = state.timeline;
    // The new message belongs at the end, so the end is what is shown; a reply is shown in its thread.
    const isAway = loaded && toSeq < state.lastSeq && input.threadRootId == null;
    if (isAway) void history.jump(state, "latest").catch(() => {});
    draft(input.threadRootId ?? undefined).clear();
    return outbox.send(state, input);
  }
  const threads = new Map<string, ThreadHandle>();
  function thread(rootId: string): ThreadHandle {
    const held = threads.get(rootId);
    if (held !== undefined) return held;
    const { store, on } = options;
    const handle = createThread({ conversationId: id, rootId }, { store, request, on, draft, send });
    threads.set(rootId, handle);
    return handle;
  }
  const changed = async (answer: Promise<{ message: Message }>): Promise<void> =>
    options.onChanged((await answer).message);

  return {
    id,
    details: state.detailsView,
    messages: state.messagesView,
    open({ autoRead = false } = {}) {
      if (state.openCount === 0) state.unreadHeld = false;
      return options.open(state, autoRead);
    },
    loadOlder: () => history.older(state),
    loadNewer: () => history.newer(state),
    jumpTo: (target) => history.jump(state, target),
    send,
    retry: (clientMessageId) => outbox.retry(state, clientMessageId),
    discard: (clientMessageId) => outbox.discard(state, clientMessageId),
    edit: (messageId, body, { expectedRevision } = {}) =>
      changed(request("message:edit", { messageId, body, expectedRevision })),
    async delete(messageId, scope = "everyone") {
      const { hidden } = await request("message:delete", { messageId, scope });
      if (hidden !== undefined) options.onHidden(hidden);
    },
    react: (messageId, emoji) => changed(request("reaction:add", { messageId, emoji })),
    unreact: (messageId, emoji) => changed(request("reaction:remove", { messageId, emoji })),
    pin: (messageId) => changed(request("message:pin", { messageId })),
    unpin: (messageId) => changed(request("message:unpin", { messageId })),
    pins: async () => (await http("listPins", { params })).items,
    markRead: (seq) => receipts.read(state, seq),
    async markAllRead() {
      const seq = Math.max(state.lastSeq, state.details?.lastSeq ?? 0);
      options.onMarks(await request("receipt:read", { conversationId: id, seq }));
    },
    async markUnread(seq) {
      options.onPersonal((await request("receipt:unread", { conversationId: id, seq })).state);
    },
    async setPersonal(input) {
      options.onPersonal((await request("personal:set", { conversationId: id, ...input })).state);
    },
    readers: (messageId) => request("message:readers", { messageId }),
    edits: async (messageId) => (await request("message:edits", { messageId })).items,
    draft,
    thread,
    typing: {
      keystroke: () => typing.keystroke(id),
      stop: () => typing.stop(id),
      users: state.typing,
    },
    addMember: async (userId) =>
      options.onConversation(await http("addMember", { params: { ...params, userId } })),
    removeMember: async (userId) => {
      await http("removeMember", { params: { ...params, userId } });
    },
    changeRole: async (userId, role) =>
      options.onConversation(await http("changeRole", { params: { ...params, userId }, body: { role } })),
    rename: async (title) =>
      options.onConversation(await http("updateConversation", { params, body: { title } })),
    update: async (body) => options.onConversation(await http("updateConversation", { params, body })),
  };
}
