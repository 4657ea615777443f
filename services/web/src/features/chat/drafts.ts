import { useSyncExternalStore } from "react";
import { useServerDraft } from "../reading/own-state.ts";

/** What was being written, by place: kept in the browser, so that a reload loses no words. */
type DraftStorage = Pick<Storage, "getItem" | "setItem" | "removeItem">;

/** A conversation, or a thread in it. */
export const placeOf = (conversationId: string, threadRootId: string | null): string =>
  threadRootId ? `${conversationId}:${threadRootId}` : conversationId;

const keyOf = (userId: string, place: string): string => `confab:draft:${userId}:${place}`;
const unsyncedKeyOf = (userId: string, place: string): string => `confab:draft-unsynced:${userId}:${place}`;

export const loadDraft = (storage: DraftStorage, userId: string, place: string): string =>
  storage.getItem(keyOf(userId, place)) ?? "";

const listeners = new Set<() => void>();

/** A blank draft is forgotten. A full or forbidden storage costs the draft, never the typing. */
export function saveDraft(storage: DraftStorage, userId: string, place: string, text: string): void {
  put(storage, keyOf(userId, place), text.trim() === "" ? null : text);
  for (const listener of listeners) listener();
}

/** The server has not heard of what stands here: it has nothing newer. */
export const isUnsynced = (storage: DraftStorage, userId: string, place: string): boolean =>
  storage.getItem(unsyncedKeyOf(userId, place)) !== null;
export const setUnsynced = (storage: DraftStorage, userId: string, place: string, unsynced: boolean): void =>
  put(storage, unsyncedKeyOf(userId, place), unsynced ? "1" : null);

function put(storage: DraftStorage, key: string, value: string | null): void {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
  } catch {}
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** For the conversation list: the draft as it stands, here or on another device. */
export function useDraft(userId: string, conversationId: string): string {
  const here = useSyncExternalStore(subscribe, () => loadDraft(localStorage, userId, conversationId));
  const there = useServerDraft(conversationId);
  return there && !isUnsynced(localStorage, userId, conversationId) ? there.body : here;
}
