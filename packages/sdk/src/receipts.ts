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

export function createReceipts(ctx: Ctx, options: ReceiptsOptions): Receipts {
  const deliveries = new Map<string, Mark>();
  const reads = new Map<string, Mark>();
  let failures = 0;
  let pausedUntilMs = 0;
  const alarm = createAlarm(ctx, send);

  function flush(): void {
    if (deliveries.size + reads.size === 0 || !options.isOnline()) return;
    alarm.arm(Math.max(COALESCE_MS, pausedUntilMs - ctx.clock.now()));
  }

  function send(): void {
    if (!options.isOnline()) return;
    const ready = [...reads.values()].filter(({ state }) => options.isSeen(state)).slice(0, ROUND_MAX);
    for (const mark of ready) {
      const { state, seq } = mark;
      reads.delete(state.id);
      if ((deliveries.get(state.id)?.seq ?? Number.POSITIVE_INFINITY) <= seq) deliveries.delete(state.id);
      applyOwnMarks(options.store, state, { deliveredSeq: seq, readSeq: seq });
      endUnread(options.store, state, seq);
      void tell("receipt:read", mark, reads);
    }
    for (const mark of [...deliveries.values()].slice(0, ROUND_MAX - ready.length)) {
      deliveries.delete(mark.state.id);
      void tell("receipt:delivered", mark, deliveries);
    }
    if (deliveries.size > 0) alarm.arm(COALESCE_MS * ROUND_MAX);
  }

  async function tell(
    name: "receipt:read" | "receipt:delivered",
    { state, seq }: Mark,
    queue: Map<string, Mark>,
  ): Promise<void> {
    try {
      const marks = await options.request(name, { conversationId: state.id, seq });
      failures = 0;
      options.onMarks(state, marks);
    } catch (cause) {
      const error = asChatError(cause);
      if (error.retry === "never") return;
      queue.set(state.id, { state, seq: Math.max(seq, queue.get(state.id)?.seq ?? 0) });
      pausedUntilMs = ctx.clock.now() + pauseMs(ctx, error, failures);
      failures += 1;
      flush();
    }
  }

  return {
    flush,
    delivered(state) {
      if (state.known === null || state.lastSeq <= state.deliveredSeq) return;
      state.deliveredSeq = state.lastSeq;
      deliveries.set(state.id, { state, seq: state.lastSeq });
      flush();
    },
    read(state, seq) {
      const wanted = Math.min(seq, state.lastSeq);
      const unreadFrom = state.personal?.unreadFromSeq ?? Number.POSITIVE_INFINITY;
      const isSeen = wanted <= Math.max(state.readSeq, reads.get(state.id)?.seq ?? 0);
      // What is marked unread is read again to the same end.
      if (isSeen && wanted < unreadFrom) return;
      reads.set(state.id, { state, seq: wanted });
      flush();
    },
  };
}
