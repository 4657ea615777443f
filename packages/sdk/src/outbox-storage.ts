import type { SendInput } from "./types.ts";

/** A message that is not committed yet, as it survives a reload. */
export interface OutboxRecord {
  clientMessageId: string;
  conversationId: string;
  input: SendInput;
  queuedAtMs: number;
  /** Wire code and reason of the refusal, once there was one. */
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
