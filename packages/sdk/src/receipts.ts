import type { Watermarks } from "@confab/contract";
import { applyOwnMarks, endUnread } from "./apply.ts";
import type { Connection } from "./connection.ts";
import { asChatError, type Ctx, createAlarm, pauseMs } from "./runtime.ts";
import type { ConversationState, Store } from "./store.ts";

const COALESCE_MS = 100;
/** Frames per round: with the round's length it stays under the limit after a long absence. */
const ROUND_MAX = 10;

/** Own watermarks on their way to the server: forward only, the latest of each conversation, read implies delivered (P6). */
export interface Receipts {
  /** This device holds, or can show, everything up to the head of the conversation. */
  delivered(state: ConversationState): void;
  /** Kept until `isSeen` allows it. */
  read(state: ConversationState, seq: number): void;
  /** Looks again at what waits, e.g. when the window comes into view. */
  flush(): void;
  /** Somebody else has signed in. */
  reset(): void;
}

export interface ReceiptsOptions {
  store: Store;
  request: Connection["request"];
  isOnline(): boolean;
  /** The conversation is open, and the window in front of somebody. */
  isSeen(state: ConversationState): boolean;
  onMarks(state: ConversationState, marks: Watermarks): void;
}

interface Mark {
  state: ConversationState;
  seq: number;
}

type Marks = Map<string, Mark>;

export function createReceipts(ctx: Ctx, options: ReceiptsOptions): Receipts {
  const deliveries: Marks = new Map();
  /** Wishes that wait to be seen. */
  const wishes: Marks = new Map();
  /** Shown as read on this device already: the server is told, whatever is in view by then. */
  const reads: Marks = new Map();
  let failures = 0;
  let pausedUntilMs = 0;
  const alarm = createAlarm(ctx, send);

  function flush(): void {
    if (deliveries.size + wishes.size + reads.size === 0 || !options.isOnline()) return;
    alarm.arm(Math.max(COALESCE_MS, pausedUntilMs - ctx.clock.now()));
  }

  function send(): void {
    if (!options.isOnline()) return;
    for (const { state, seq } of wishes.values()) {
      if (!options.isSeen(state)) continue;
      wishes.delete(state.id);
      raise(reads, { state, seq });
      applyOwnMarks(options.store, state, { deliveredSeq: seq, readSeq: seq });
      endUnread(options.store, state, seq);
    }
    const ready = [...reads.values()].slice(0, ROUND_MAX);
    for (const mark of ready) {
      const { id } = mark.state;
      if ((deliveries.get(id)?.seq ?? Number.POSITIVE_INFINITY) <= mark.seq) deliveries.delete(id);
      void tell("receipt:read", mark, reads);
    }
    for (const mark of [...deliveries.values()].slice(0, ROUND_MAX - ready.length)) {
      void tell("receipt:delivered", mark, deliveries);
    }
    if (deliveries.size + reads.size > 0) alarm.arm(COALESCE_MS * ROUND_MAX);
  }

  async function tell(name: "receipt:read" | "receipt:delivered", mark: Mark, queue: Marks): Promise<void> {
    const { state, seq } = mark;
    queue.delete(state.id);
    try {
      const marks = await options.request(name, { conversationId: state.id, seq });
      failures = 0;
      options.onMarks(state, marks);
    } catch (cause) {
      const error = asChatError(cause);
      if (error.retry === "never") return;
      raise(queue, mark);
      pausedUntilMs = ctx.clock.now() + pauseMs(ctx, error, failures);
      failures += 1;
      flush();
    }
  }

  return {
    flush,
    reset() {
      for (const queue of [deliveries, wishes, reads]) queue.clear();
    },
    delivered(state) {
      if (state.known === null || state.lastSeq <= state.deliveredSeq) return;
      state.deliveredSeq = state.lastSeq;
      deliveries.set(state.id, { state, seq: state.lastSeq });
      flush();
    },
    read(state, seq) {
      // A page may show what this device is yet to be told of.
      const { loaded, toSeq } = state.timeline;
      const wanted = Math.min(seq, Math.max(state.lastSeq, loaded ? toSeq : 0));
      const unreadFrom = state.personal?.unreadFromSeq ?? Number.POSITIVE_INFINITY;
      const isSeen = wanted <= Math.max(state.readSeq, wishes.get(state.id)?.seq ?? 0);
      // What is marked unread is read again to the same end.
      if (isSeen && wanted < unreadFrom) return;
      wishes.set(state.id, { state, seq: wanted });
      flush();
    },
  };
}

/** Marks only move forward (P6). */
function raise(queue: Marks, { state, seq }: Mark): void {
  queue.set(state.id, { state, seq: Math.max(seq, queue.get(state.id)?.seq ?? 0) });
}
