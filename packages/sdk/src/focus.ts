import type { HeadsReply } from "@confab/contract";
import type { Attention } from "./attention.ts";
import type { Connection } from "./connection.ts";
import { asChatError, type Ctx, createAlarm, pauseMs } from "./runtime.ts";
import type { ConversationState, Store } from "./store.ts";

const HEADS_EVERY_MS = 60_000;
/** Coming back to a window asks for heads, but not on every glance. */
const HEADS_AT_MOST_EVERY_MS = 5_000;
const ACTIVITY_MS = 100;

/** What is on screen and whether somebody looks: opens conversations, tells activity, and asks for heads (P4: ≤ 60 s). */
export interface Focus {
  open(state: ConversationState, autoRead: boolean): () => void;
  isSeen(state: ConversationState): boolean;
  isAutoRead(state: ConversationState): boolean;
  /** An open conversation has its messages, also when it was left and joined again. */
  ensureLoaded(state: ConversationState): void;
  /** From `connect()` until the client leaves. */
  start(): void;
  stop(): void;
  online(): void;
  offline(): void;
}

export interface FocusOptions {
  attention: Attention;
  store: Store;
  request: Connection["request"];
  isOnline(): boolean;
  hurry(): void;
  load(state: ConversationState): Promise<void>;
  onHeads(heads: HeadsReply): void;
  /** Opened again, with what is loaded already. */
  onOpened(state: ConversationState): void;
  onClosed(state: ConversationState): void;
  /** The conversation came into view. */
  onLook(state: ConversationState): void;
  onBlur(): void;
}

export function createFocus(ctx: Ctx, options: FocusOptions): Focus {
  const { attention, request } = options;
  /** Open ones, the latest last: that one is on screen. */
  let opened: { state: ConversationState; autoRead: boolean }[] = [];
  const failures = new Map<string, number>();
  let askedAtMs = Number.NEGATIVE_INFINITY;
  let told = "";
  let stopWatching: (() => void) | null = null;

  const heads = createAlarm(ctx, () => void askHeads());
  const activity = createAlarm(ctx, () => void tellActivity());
  const reload = createAlarm(ctx, () => {
    for (const { state } of opened) load(state);
  });

  async function askHeads(): Promise<void> {
    if (!options.isOnline() || !attention.isVisible()) return;
    askedAtMs = ctx.clock.now();
    try {
      options.onHeads(await request("conversation:heads", {}));
    } catch (cause) {
      ctx.logger.debug("heads not told", { reason: asChatError(cause).reason });
    }
    heads.arm(HEADS_EVERY_MS);
  }

  async function tellActivity(): Promise<void> {
    if (!options.isOnline()) return;
    const active = attention.isActive();
    const conversationId = opened.at(-1)?.state.id ?? null;
    const now = `${active} ${conversationId}`;
    if (now === told) return;
    told = now;
    try {
      await request("activity:set", { active, conversationId });
    } catch (cause) {
      if (told === now) told = "";
      const error = asChatError(cause);
      if (error.retry !== "never") activity.arm(pauseMs(ctx, error, 0));
    }
  }

  function onAttention(): void {
    activity.arm(ACTIVITY_MS);
    if (!attention.isActive()) options.onBlur();
    if (!attention.isVisible()) return;
    options.hurry();
    heads.arm(Math.max(0, askedAtMs + HEADS_AT_MOST_EVERY_MS - ctx.clock.now()));
    for (const { state } of opened) options.onLook(state);
  }

  function load(state: ConversationState): void {
    if (state.timeline.loaded) return;
    options.load(state).then(
      () => {
        failures.delete(state.id);
        options.onLook(state);
      },
      (cause) => {
        const error = asChatError(cause);
        if (error.retry === "never" || state.openCount === 0) return;
        const count = failures.get(state.id) ?? 0;
        failures.set(state.id, count + 1);
        reload.arm(pauseMs(ctx, error, count));
      },
    );
  }

  const isOpen = (state: ConversationState): boolean => state.openCount > 0;

  return {
    isSeen: (state) => isOpen(state) && attention.isActive(),
    isAutoRead: (state) => opened.some((entry) => entry.state === state && entry.autoRead),
    ensureLoaded(state) {
      if (isOpen(state)) load(state);
    },
    open(state, autoRead) {
      const entry = { state, autoRead };
      opened = [...opened, entry];
      state.openCount += 1;
      activity.arm(ACTIVITY_MS);
      if (state.timeline.loaded) {
        options.onOpened(state);
        options.onLook(state);
      } else load(state);
      let closed = false;
      return () => {
        if (closed) return;
        closed = true;
        opened = opened.filter((one) => one !== entry);
        state.openCount -= 1;
        if (state.openCount === 0) options.onClosed(state);
        activity.arm(ACTIVITY_MS);
      };
    },
    start() {
      if (stopWatching !== null) return;
      const undo = [attention.subscribe(onAttention), attention.onNetwork(options.hurry)];
      stopWatching = () => {
        for (const stop of undo) stop();
      };
    },
    stop() {
      stopWatching?.();
      stopWatching = null;
      reload.cancel();
    },
    online() {
      // The handshake said whether anybody looks, not at what.
      told = `${attention.isActive()} null`;
      askedAtMs = ctx.clock.now();
      activity.arm(0);
      heads.arm(HEADS_EVERY_MS);
      for (const { state } of opened) load(state);
    },
    offline() {
      heads.cancel();
      activity.cancel();
    },
  };
}
