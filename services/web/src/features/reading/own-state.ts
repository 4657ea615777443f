import type { Draft, PersonalState } from "@confab/contract";
import type { ChatClient } from "@confab/sdk";
import { useChat } from "@confab/sdk/react";
import { useSyncExternalStore } from "react";

/** What the person has of their own in conversations, the same on all of their devices. */
interface OwnState {
  states: ReadonlyMap<string, PersonalState>;
  drafts: ReadonlyMap<string, Draft>;
}
interface Feed {
  subscribe: (listener: () => void) => () => void;
  get: () => OwnState;
  onState: (state: PersonalState) => void;
}

const feeds = new WeakMap<ChatClient, Feed>();
const draftKey = (conversationId: string, threadRootId: string | null): string =>
  `${conversationId} ${threadRootId ?? ""}`;

/** Asked for whenever the connection comes (back), kept by events in between; the higher revision wins. */
function createFeed(chat: ChatClient): Feed {
  const listeners = new Set<() => void>();
  let own: OwnState = { states: new Map(), drafts: new Map() };
  let revision = 0;
  let undo: (() => void)[] = [];

  const put = (states: readonly PersonalState[], drafts: readonly Draft[]): void => {
    const next = { states: new Map(own.states), drafts: new Map(own.drafts) };
    for (const state of states) {
      if ((next.states.get(state.conversationId)?.revision ?? -1) > state.revision) continue;
      next.states.set(state.conversationId, state);
    }
    for (const draft of drafts) {
      const key = draftKey(draft.conversationId, draft.threadRootId);
      if ((next.drafts.get(key)?.revision ?? -1) <= draft.revision) next.drafts.set(key, draft);
    }
    own = next;
    for (const listener of listeners) listener();
  };
  const sync = async (): Promise<void> => {
    for (let more = true; more; ) {
      const page = await chat.request("syncPersonal", { body: { after: revision } });
      revision = Math.max(revision, page.revision);
      more = page.hasMore;
      put(page.states, page.drafts);
    }
  };
  // The next connection tries again.
  const syncQuietly = (): void => void sync().catch(() => undefined);
  const start = (): void => {
    let online = false;
    const onConnection = (): void => {
      const was = online;
      online = chat.connection.getSnapshot().state === "online";
      if (online && !was) syncQuietly();
    };
    undo = [
      chat.connection.subscribe(onConnection),
      chat.on("personal:updated", ({ state }) => put([state], [])),
      chat.on("draft:updated", ({ draft }) => put([], [draft])),
    ];
    onConnection();
  };
  return {
    get: () => own,
    onState: (state) => put([state], []),
    subscribe(listener) {
      if (listeners.size === 0) start();
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        if (listeners.size > 0) return;
        for (const stop of undo) stop();
      };
    },
  };
}

function feedOf(chat: ChatClient): Feed {
  const feed = feeds.get(chat) ?? createFeed(chat);
  feeds.set(chat, feed);
  return feed;
}

export function useOwnStates(): OwnState["states"] {
  const feed = feedOf(useChat());
  return useSyncExternalStore(feed.subscribe, () => feed.get().states);
}

export function usePersonal(conversationId: string): PersonalState | null {
  const feed = feedOf(useChat());
  return useSyncExternalStore(feed.subscribe, () => feed.get().states.get(conversationId) ?? null);
}

/** What another device, or this one, has told the server of what is being written. */
export function useServerDraft(conversationId: string, threadRootId: string | null = null): Draft | null {
  const feed = feedOf(useChat());
  return useSyncExternalStore(
    feed.subscribe,
    () => feed.get().drafts.get(draftKey(conversationId, threadRootId)) ?? null,
  );
}

interface PersonalChange {
  mutedUntil?: string | null;
  pinned?: boolean;
  archived?: boolean;
}

export async function setPersonal(
  chat: ChatClient,
  conversationId: string,
  change: PersonalChange,
): Promise<void> {
  feedOf(chat).onState(await chat.request("setPersonal", { params: { conversationId }, body: change }));
}

export async function markUnread(chat: ChatClient, conversationId: string, seq: number): Promise<void> {
  feedOf(chat).onState(await chat.request("markUnread", { params: { conversationId }, body: { seq } }));
}
