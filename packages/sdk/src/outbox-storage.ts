import type { SendInput } from "./types.ts";

/** A message that is not committed yet, as it survives a reload. */
export interface OutboxRecord {
  clientMessageId: string;
  conversationId: string;
  input: SendInput;
  queuedAtMs: number;
  /** The refusal in its wire form, once there was one. */
  failed?: { code: string; reason: string; message: string };
}

/** Kept one by one, so that two tabs never overwrite each other's. May be synchronous. */
export interface OutboxStorage {
  list(userId: string): OutboxRecord[] | Promise<OutboxRecord[]>;
  put(userId: string, record: OutboxRecord): void | Promise<void>;
  /** False when another tab has sent or discarded it in the meantime. */
  has(userId: string, clientMessageId: string): boolean | Promise<boolean>;
  remove(userId: string, clientMessageId: string): void | Promise<void>;
}

const PREFIX = "confab:outbox:";

/** Survives a reload; undefined where the page may not store anything. */
export function localOutboxStorage(): OutboxStorage | undefined {
  try {
    const { localStorage } = globalThis;
    // Node has the name too, but warns and stores nothing unless it was given a file.
    if (typeof document === "undefined" || localStorage === undefined) return undefined;
    localStorage.getItem(PREFIX);
    const keyOf = (userId: string, id: string): string => `${PREFIX}${userId}:${id}`;
    return {
      list: (userId) =>
        Array.from({ length: localStorage.length }, (_, index) => localStorage.key(index))
          .filter((key) => key?.startsWith(keyOf(userId, "")))
          .map((key) => parse(localStorage.getItem(key as string)))
          .filter((record) => record !== null),
      put: (userId, record) =>
        localStorage.setItem(keyOf(userId, record.clientMessageId), JSON.stringify(record)),
      has: (userId, id) => localStorage.getItem(keyOf(userId, id)) !== null,
      remove: (userId, id) => localStorage.removeItem(keyOf(userId, id)),
    };
  } catch {
    return undefined;
  }
}

function parse(text: string | null): OutboxRecord | null {
  try {
    const record = JSON.parse(text ?? "null");
    return typeof record?.clientMessageId === "string" && typeof record.conversationId === "string"
      ? record
      : null;
  } catch {
    return null;
  }
}

export function memoryOutboxStorage(): OutboxStorage {
  const records = new Map<string, OutboxRecord>();
  const keyOf = (userId: string, id: string): string => `${userId}\n${id}`;
  return {
    list: (userId) =>
      [...records].filter(([key]) => key.startsWith(keyOf(userId, ""))).map(([, record]) => record),
    put: (userId, record) => void records.set(keyOf(userId, record.clientMessageId), record),
    has: (userId, id) => records.has(keyOf(userId, id)),
    remove: (userId, id) => void records.delete(keyOf(userId, id)),
  };
}
