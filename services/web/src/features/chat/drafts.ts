import type { ConversationHandle } from "@confab/sdk";
import { useReadable } from "@confab/sdk/react";
import { useSyncExternalStore } from "react";

/** What was being written and may not have reached the server: kept in the browser, so that a reload loses no words. */
type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** A conversation, or a thread in it. */
export const placeOf = (conversationId: string, threadRootId?: string): string =>
  threadRootId ? `${conversationId}:${threadRootId}` : conversationId;

const keyOf = (userId: string, place: string): string => `confab:draft:${userId}:${place}`;

export const loadDraft = (storage: DraftStorage, userId: string, place: string): string =>
  storage.getItem(keyOf(userId, place)) ?? "";

const listeners = new Set<() => void>();

/** A blank draft is forgotten. A full or forbidden storage costs the draft, never the typing. */
export function saveDraft(storage: DraftStorage, userId: string, place: string, text: string): void {
  try {
    if (text.trim() === "") storage.removeItem(keyOf(userId, place));
    else storage.setItem(keyOf(userId, place), text);
  } catch {}
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** For the conversation list: the draft as it stands, here or on another device. */
export function useDraft(userId: string, conversation: ConversationHandle): string {
  const here = useSyncExternalStore(subscribe, () => loadDraft(localStorage, userId, conversation.id));
  return useReadable(conversation.draft().text).body || here;
}
