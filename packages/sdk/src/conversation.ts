import type { Conversation, Message } from "@confab/contract";
import { hideMessage } from "./apply.ts";
import type { Connection } from "./connection.ts";
import type { History } from "./history.ts";
import type { Http } from "./http.ts";
import type { Outbox } from "./outbox.ts";
import type { Receipts } from "./receipts.ts";
import type { ConversationState, Store } from "./store.ts";
import type { ConversationHandle } from "./types.ts";
import type { Typing } from "./typing.ts";

export interface HandleOptions {
  store: Store;
  http: Http;
  request: Connection["request"];
  history: History;
  outbox: Outbox;
  receipts: Receipts;
  typing: Typing;
  open(state: ConversationState, autoRead: boolean): () => void;
  /** A changed message came back from one's own command, as this person sees it. */
  onChanged(message: Message): void;
  onConversation(conversation: Conversation): void;
}

/** What the host product holds of a conversation: methods and readables, no state of its own. */
export function createHandle(state: ConversationState, options: HandleOptions): ConversationHandle {
  const { http, request, history, outbox, receipts, typing } = options;
  const { id } = state;
  const params = { conversationId: id };
  const changed = async (answer: Promise<{ message: Message }>): Promise<void> =>
    options.onChanged((await answer).message);

  return {
    id,
    details: state.detailsView,
    messages: state.messagesView,
    open: ({ autoRead = false } = {}) => options.open(state, autoRead),
    loadOlder: () => history.older(state),
    loadNewer: () => history.newer(state),
    jumpTo: (target) => history.jump(state, target),
    send(input) {
      typing.stop(id);
      const { loaded, toSeq } = state.timeline;
      // The new message belongs at the end, so the end is what is shown.
      if (loaded && toSeq < state.lastSeq) void history.jump(state, "latest").catch(() => {});
      return outbox.send(state, input);
    },
    retry: (clientMessageId) => outbox.retry(state, clientMessageId),
    discard: (clientMessageId) => outbox.discard(state, clientMessageId),
    edit: (messageId, body, { expectedRevision } = {}) =>
      changed(request("message:edit", { messageId, body, expectedRevision })),
    async delete(messageId, scope = "everyone") {
      await request("message:delete", { messageId, scope });
      if (scope === "everyone") return;
      const message = state.timeline.messages.find((one) => one.id === messageId);
      if (message !== undefined) hideMessage(options.store, state, message);
    },
    react: (messageId, emoji) => changed(request("reaction:add", { messageId, emoji })),
    unreact: (messageId, emoji) => changed(request("reaction:remove", { messageId, emoji })),
    pin: (messageId) => changed(request("message:pin", { messageId })),
    unpin: (messageId) => changed(request("message:unpin", { messageId })),
    pins: async () => (await http("listPins", { params })).items,
    markRead: (seq) => receipts.read(state, seq),
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
  };
}
