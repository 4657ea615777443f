import { ChatError, type Message } from "@confab/contract";
import type { Connection } from "./connection.ts";
import type { OutboxRecord, OutboxStorage } from "./outbox-storage.ts";
import { asChatError, type Ctx, createAlarm, errorFromWire, isFinal, mintUuid, pauseMs } from "./runtime.ts";
import { type ConversationState, type OutboxEntry, type Store, stateOf, touchOutbox } from "./store.ts";
import type { SendInput, SentMessage } from "./types.ts";

/**
 * The sending side of P2: a message keeps its clientMessageId through every retry, reload and tab, so it is stored
 * once however often it goes out. One is in flight per conversation, the next waits for its outcome: order holds.
 * Only a refusal for good makes it `failed`; no connection, a timeout or a limit leave it queued.
 */
export interface Outbox {
  send(state: ConversationState, input: SendInput): SentMessage;
  retry(state: ConversationState, clientMessageId: string): void;
  discard(state: ConversationState, clientMessageId: string): void;
  /** One's own message was seen committed, by ack, broadcast or history. */
  settle(message: Message): void;
  /** The connection is up and says whose it is. */
  online(): Promise<void>;
  offline(): void;
}

export interface OutboxOptions {
  store: Store;
  storage: OutboxStorage;
  request: Connection["request"];
  onCommitted(message: Message): void;
}

interface Waiter {
  promise: Promise<Message>;
  resolve(message: Message): void;
  reject(error: ChatError): void;
}

export function createOutbox(ctx: Ctx, options: OutboxOptions): Outbox {
  const { store, storage } = options;
  const waiters = new Map<string, Waiter>();
  /** Conversations with a message on its way. */
  const busy = new Set<string>();
  let loadedFor: string | null = null;
  let isOnline = false;
  let failures = 0;
  let pausedUntilMs = 0;
  /** Slow mode holds back its own conversation, and no other. */
  const slowUntilMs = new Map<string, number>();
  const pauseLeftMs = ({ id }: ConversationState): number =>
    Math.max(pausedUntilMs, slowUntilMs.get(id) ?? 0) - ctx.clock.now();
  const resume = createAlarm(ctx, flush);

  function waiterOf(clientMessageId: string): Waiter {
    const held = waiters.get(clientMessageId);
    if (held !== undefined) return held;
    let settlers = {} as Pick<Waiter, "resolve" | "reject">;
    const promise = new Promise<Message>((resolve, reject) => {
      settlers = { resolve, reject };
    });
    const waiter = { promise, ...settlers };
    // Whoever does not look at the outcome sees it in the list.
    promise.catch(() => {});
    waiters.set(clientMessageId, waiter);
    return waiter;
  }

  function replace(state: ConversationState, id: string, change: Partial<OutboxEntry> | null): void {
    state.outgoing = state.outgoing.flatMap((entry) =>
      entry.clientMessageId !== id ? [entry] : change === null ? [] : [{ ...entry, ...change }],
    );
    touchOutbox(store, state);
  }

  const find = (state: ConversationState, id: string): OutboxEntry | undefined =>
    state.outgoing.find((entry) => entry.clientMessageId === id);

  async function keep(entry: OutboxEntry): Promise<void> {
    if (store.myId === null) return;
    const { clientMessageId, conversationId, input, queuedAtMs, error } = entry;
    const record = { clientMessageId, conversationId, input, queuedAtMs };
    try {
      await storage.put(store.myId, error === undefined ? record : { ...record, failed: error.toWire() });
    } catch (cause) {
      // A full or forbidden store costs the message only its life beyond a reload.
      ctx.logger.warn("outbox not stored", { reason: asChatError(cause).reason });
    }
  }

  async function drop(clientMessageId: string): Promise<void> {
    try {
      if (store.myId !== null) await storage.remove(store.myId, clientMessageId);
    } catch (cause) {
      ctx.logger.warn("outbox not cleared", { reason: asChatError(cause).reason });
    }
  }

  function flush(): void {
    for (const state of store.states.values()) void flushOne(state);
  }

  async function flushOne(state: ConversationState): Promise<void> {
    if (busy.has(state.id)) return;
    busy.add(state.id);
    try {
      for (;;) {
        const entry = state.outgoing.find(({ state: now }) => now === "queued");
        if (entry === undefined || !isOnline || loadedFor === null) return;
        const leftMs = pauseLeftMs(state);
        if (leftMs > 0) return resume.arm(leftMs);
        await sendOne(state, entry);
      }
    } finally {
      busy.delete(state.id);
    }
  }

  async function sendOne(state: ConversationState, entry: OutboxEntry): Promise<void> {
    const id = entry.clientMessageId;
    replace(state, id, { state: "sending" });
    try {
      if (!(await isStillWanted(id))) {
        // Another tab sent it (the broadcast tells, and settles the promise) or discarded it.
        replace(state, id, null);
        return;
      }
      const { message } = await options.request("message:send", {
        conversationId: entry.conversationId,
        clientMessageId: id,
        clientSentAt: new Date(entry.queuedAtMs).toISOString(),
        ...entry.input,
      });
      failures = 0;
      options.onCommitted(message);
    } catch (cause) {
      refuse(state, id, asChatError(cause));
    }
  }

  async function isStillWanted(id: string): Promise<boolean> {
    try {
      return store.myId === null || (await storage.has(store.myId, id));
    } catch {
      return true;
    }
  }

  function refuse(state: ConversationState, id: string, error: ChatError): void {
    const entry = find(state, id);
    // A broadcast told of it before the ack was lost.
    if (entry === undefined) return;
    if (isFinal(error)) {
      replace(state, id, { state: "failed", error });
      void keep({ ...entry, error });
      waiters.get(id)?.reject(error);
      waiters.delete(id);
      return;
    }
    replace(state, id, { state: "queued" });
    if (!isOnline) return;
    if (error.reason === "slow_mode") {
      slowUntilMs.set(state.id, ctx.clock.now() + pauseMs(ctx, error, 0));
      return;
    }
    pausedUntilMs = ctx.clock.now() + pauseMs(ctx, error, failures);
    failures += 1;
    ctx.logger.debug("send waits", { code: error.code, reason: error.reason });
  }

  async function listed(userId: string): Promise<OutboxRecord[]> {
    try {
      return await storage.list(userId);
    } catch (cause) {
      ctx.logger.warn("outbox not read", { reason: asChatError(cause).reason });
      return [];
    }
  }

  /** Entries of an earlier page life, or of another tab that is gone. */
  async function load(userId: string): Promise<void> {
    for (const record of await listed(userId)) {
      const state = stateOf(store, record.conversationId);
      if (find(state, record.clientMessageId) !== undefined) continue;
      const { failed, ...entry } = record;
      const loaded: OutboxEntry = {
        ...entry,
        body: record.input.body ?? null,
        state: failed === undefined ? "queued" : "failed",
        ...(failed === undefined ? {} : { error: errorFromWire(failed as never) }),
      };
      const newer = state.outgoing.findIndex((held) => held.queuedAtMs > loaded.queuedAtMs);
      state.outgoing = state.outgoing.toSpliced(newer < 0 ? state.outgoing.length : newer, 0, loaded);
      touchOutbox(store, state);
    }
  }

  return {
    send(state, input) {
      const clientMessageId = mintUuid();
      const last = state.outgoing.at(-1)?.queuedAtMs ?? 0;
      const entry: OutboxEntry = {
        clientMessageId,
        conversationId: state.id,
        input,
        body: input.body ?? null,
        state: "queued",
        // The order survives a reload, also of what was written in one millisecond.
        queuedAtMs: Math.max(ctx.clock.now(), last + 1),
      };
      const { promise } = waiterOf(clientMessageId);
      state.outgoing = [...state.outgoing, entry];
      touchOutbox(store, state);
      void keep(entry).then(() => flushOne(state));
      return { clientMessageId, delivered: promise };
    },
    retry(state, clientMessageId) {
      const entry = find(state, clientMessageId);
      if (entry?.state !== "failed") return;
      replace(state, clientMessageId, { state: "queued", error: undefined });
      void keep({ ...entry, error: undefined }).then(() => flushOne(state));
    },
    discard(state, clientMessageId) {
      const entry = find(state, clientMessageId);
      if (entry === undefined || entry.state === "sending") return;
      replace(state, clientMessageId, null);
      waiters.get(clientMessageId)?.reject(new ChatError("conflict", { reason: "discarded" }));
      waiters.delete(clientMessageId);
      void drop(clientMessageId);
    },
    settle(message) {
      const id = message.clientMessageId;
      waiters.get(id)?.resolve(message);
      waiters.delete(id);
      const state = store.states.get(message.conversationId);
      if (state === undefined || find(state, id) === undefined) return;
      replace(state, id, null);
      // Until the log reaches it, its row stays at the end.
      state.landing = [...state.landing, message];
      void drop(id);
    },
    async online() {
      isOnline = true;
      failures = 0;
      pausedUntilMs = 0;
      if (store.myId !== null && loadedFor !== store.myId) {
        const userId = store.myId;
        await load(userId);
        // Written before it was known whose they are.
        for (const state of store.states.values()) for (const entry of state.outgoing) await keep(entry);
        loadedFor = userId;
      }
      flush();
    },
    offline() {
      isOnline = false;
      resume.cancel();
    },
  };
}
