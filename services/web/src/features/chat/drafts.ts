import { useSyncExternalStore } from "react";

/** What was being written, by conversation: kept in the browser, so that a reload loses no words. */
type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const keyOf = (userId: string, conversationId: string): string => `confab:draft:${userId}:${conversationId}`;

export const loadDraft = (storage: DraftStorage, userId: string, conversationId: string): string =>
  storage.getItem(keyOf(userId, conversationId)) ?? "";

const listeners = new Set<() => void>();

/** A blank draft is forgotten. A full or forbidden storage costs the draft, never the typing. */
export function saveDraft(storage: DraftStorage, userId: string, conversationId: string, text: string): void {
  try {
    if (text.trim() === "") storage.removeItem(keyOf(userId, conversationId));
    else storage.setItem(keyOf(userId, conversationId), text);
  } catch {}
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** For the conversation list: the draft as it stands. */
export const useDraft = (userId: string, conversationId: string): string =>
  useSyncExternalStore(subscribe, () => loadDraft(localStorage, userId, conversationId));
