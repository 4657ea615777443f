import {
  type Conversation,
  type Head,
  LIMITS,
  type Message,
  type SyncedConversation,
} from "@confab/contract";
import { applyDetails, applyMessage, applyOwnMarks, applySummary, withOwnReactions } from "./apply.ts";
import type { Connection } from "./connection.ts";
import type { Http } from "./http.ts";
import { asChatError, type Ctx, createAlarm, pauseMs } from "./runtime.ts";
import { type ConversationState, forget, type Store, stateOf } from "./store.ts";
import { coverTo, findBySeq, isTracked, requote } from "./timeline.ts";
import type { Discontinuity } from "./types.ts";

/**
 * Keeps P4 and P5 on this device: changes are applied in the order of their revisions, each once; a jump, or a head
 * ahead of what is known, is closed by `conversation:sync` (where the log is tracked) or by fetching the list item.
 */
export interface Sync {
  /** A message in its present state, from a broadcast or an ack. */
  onMessage(message: Message, options?: { personal?: boolean }): void;
  /** `answered`: it was read for an answer, not announced as a change of its own. */
  onConversation(conversation: Conversation, options?: { answered?: boolean }): void;
  onRemoved(conversationId: string): void;
  /** `all`: there are no other conversations than these. */
  onHeads(heads: readonly Head[], all: boolean): void;
  onRevisions(revisions: Readonly<Record<string, number>>): void;
  /** The conversation's counts or watermarks may be out of date. */
  recheck(state: ConversationState): void;
  /** Looks soon at everything that is behind. */
  wake(): void;
  online(): void;
  offline(): void;
}

export interface SyncOptions {
  store: Store;
  request: Connection["request"];
  http: Http;
  /** Loads the newest page afresh, after a gap that is too long to walk. */
  reload(state: ConversationState): Promise<void>;
  /** First pages of the list again: conversations that are not known, or many that are behind. */
  reloadList(): Promise<void>;
  onApplied(state: ConversationState): void;
  emitMessage(message: Message, isNew: boolean): void;
  emitDiscontinuity(gap: Discontinuity): void;
}

/** Frames overtake each other by less than this; a longer hole is a loss. */
const GAP_MS = 150;
/** Five pages; beyond that the newest page is quicker than the way there. */
const GAP_MAX = 5 * LIMITS.messagesPerSync;
const HELD_MAX = 1000;
/** More list items than this are fetched as a list. */
const SINGLE_MAX = 3;
/** Asking again for what stays stale slows down to 20 s. */
const STALE_ROUNDS_MAX = 7;

export function createSync(ctx: Ctx, options: SyncOptions): Sync {
  const { store, request, http } = options;
  /** Highest revision heard of for conversations that are not in the list (yet). */
  const unlisted = new Map<string, number>();
  let listBehind = false;
  let isOnline = false;
  let running = false;
  let failures = 0;
  /** So many times in a row something stayed stale. */
  let rounds = 0;
  const alarm = createAlarm(ctx, () => void run());
  const wakeIn = (delayMs: number): void => {
    if (isOnline && !running) alarm.arm(delayMs);
  };

  const isBehind = (state: ConversationState): boolean =>
    state.known === null ? state.target > 0 : state.target > state.known;

  function notice(state: ConversationState, revision: number): void {
    state.target = Math.max(state.target, revision);
    if (isBehind(state)) wakeIn(GAP_MS);
  }

  function onMessage(input: Message, { personal = false } = {}): void {
    const state = stateOf(store, input.conversationId);
    if (state.known === null || input.revision > state.known + 1) {
      if (state.known !== null && state.held.size < HELD_MAX) state.held.set(input.revision, input);
      notice(state, input.revision);
      return;
    }
    if (input.revision <= state.known) onKnown(state, input, personal);
    else {
      take(state, input, personal);
      release(state);
      options.onApplied(state);
    }
    // What was deleted may have been among the unread of a log that is not here.
    if (state.stale) wakeIn(GAP_MS);
  }

  /** Nothing new, but for what only concerns this person. */
  function onKnown(state: ConversationState, message: Message, personal: boolean): void {
    const { lastMessage } = state;
    const held =
      findBySeq(state.timeline, message.seq) ?? (lastMessage?.id === message.id ? lastMessage : null);
    if (personal && held?.revision === message.revision) applyMessage(store, state, message);
  }

  function take(state: ConversationState, input: Message, personal = false): void {
    const message = personal ? input : withOwnReactions(store, state, input);
    // A sync may have brought it already, read a moment after the revision that it answered with.
    const isKnown = findBySeq(state.timeline, message.seq)?.revision === message.revision;
    state.known = Math.max(state.known ?? 0, message.revision);
    state.target = Math.max(state.target, state.known);
    const isNew = applyMessage(store, state, message);
    if (!isKnown) options.emitMessage(message, isNew);
  }

  /** Applies what was held for its turn; what a sync has covered meanwhile goes. */
  function release(state: ConversationState): void {
    for (const revision of [...state.held.keys()].sort((one, other) => one - other)) {
      const message = state.held.get(revision) as Message;
      if (revision > (state.known ?? 0) + 1) break;
      state.held.delete(revision);
      if (revision > (state.known ?? 0)) take(state, message);
    }
  }

  function onConversation(conversation: Conversation, { answered = false } = {}): void {
    const state = stateOf(store, conversation.id);
    unlisted.delete(conversation.id);
    if (state.known === null && conversation.lastSeq > 0) state.stale = true;
    applyDetails(store, state, conversation);
    // The revision may belong to a message that is still on its way: it counts only if no message is missing. That of
    // an answer may belong to an edit, which shows nowhere else.
    const isNext =
      state.known === null
        ? conversation.lastSeq === 0
        : conversation.revision === state.known + 1 && !answered;
    if (isNext && conversation.lastSeq <= state.lastSeq) {
      state.known = conversation.revision;
      release(state);
    }
    notice(state, conversation.revision);
    if (state.stale) wakeIn(GAP_MS);
  }

  function onRemoved(conversationId: string): void {
    unlisted.delete(conversationId);
    const state = store.states.get(conversationId);
    if (state !== undefined) forget(store, state);
  }

  function hear(conversationId: string, revision: number): ConversationState | undefined {
    const state = store.states.get(conversationId);
    if (state !== undefined && (state.details !== null || state.openCount > 0)) {
      notice(state, revision);
      return state;
    }
    const before = unlisted.get(conversationId);
    unlisted.set(conversationId, revision);
    // The first heads name old conversations too, which further pages of the list will bring.
    if (store.list.status === "ready" && (before === undefined || before < revision)) {
      listBehind = true;
      wakeIn(GAP_MS);
    }
    return undefined;
  }

  function onHeads(heads: readonly Head[], all: boolean): void {
    const named = new Set(heads.map((head) => head.conversationId));
    for (const head of heads) {
      const state = hear(head.conversationId, head.revision);
      if (state === undefined) continue;
      applyOwnMarks(store, state, head);
      options.onApplied(state);
    }
    for (const state of store.states.values()) {
      if (state.known === null) continue;
      // Not named although all are: probably left, which the next answer says for certain.
      if (!named.has(state.id) && all) state.stale = true;
      if (isTracked(state.timeline) && (state.openCount > 0 || !named.has(state.id))) state.recheck = true;
    }
    wakeIn(GAP_MS);
  }

  async function run(): Promise<void> {
    if (running || !isOnline) return;
    running = true;
    let pause = GAP_MS;
    try {
      const all = [...store.states.values()];
      const tracked = all.filter((state) => state.known !== null && isTracked(state.timeline));
      const far = tracked.filter((state) => state.target - (state.known ?? 0) > GAP_MAX);
      const near = tracked.filter((state) => !far.includes(state) && (isBehind(state) || state.recheck));
      for (let from = 0; from < near.length; from += LIMITS.cursorsPerSync) {
        const some = near.slice(from, from + LIMITS.cursorsPerSync);
        await walk(some).catch((cause: unknown) => {
          for (const state of some) state.recheck = true;
          throw cause;
        });
      }
      for (const state of far) await jump(state);
      await refresh(all.filter((state) => state.stale || (isBehind(state) && !tracked.includes(state))));
      failures = 0;
      // What is read here has not reached the server yet.
      rounds = all.some((state) => state.stale) ? rounds + 1 : 0;
      pause = GAP_MS * 2 ** Math.min(rounds, STALE_ROUNDS_MAX);
    } catch (cause) {
      const error = asChatError(cause);
      ctx.logger.debug("sync failed", { code: error.code, reason: error.reason });
      pause = pauseMs(ctx, error, failures);
      failures += 1;
    }
    running = false;
    const work = [...store.states.values()].some((state) => isBehind(state) || state.stale || state.recheck);
    if (work || listBehind) wakeIn(pause);
  }

  /** Everything that changed since `known`, in as many pages as it takes; applied only when all of it is here. */
  async function walk(states: ConversationState[]): Promise<void> {
    const from = new Map(
      states.map((state) => [state.id, { state, known: state.known ?? 0, target: state.target }]),
    );
    const found = new Map<string, Message[]>();
    const asOf = store.news;
    // What asks for it while the answers are on their way is not in them.
    for (const state of states) state.recheck = false;
    let cursors = Object.fromEntries(states.map((state) => [state.id, state.known ?? 0]));
    while (Object.keys(cursors).length > 0) {
      const reply = await request("conversation:sync", { cursors });
      cursors = {};
      for (const synced of reply.conversations) {
        const start = from.get(synced.conversationId);
        if (start === undefined) continue;
        const messages = [...(found.get(synced.conversationId) ?? []), ...synced.messages];
        found.set(synced.conversationId, messages);
        const last = synced.messages.at(-1);
        if (synced.hasMore && last !== undefined) cursors[synced.conversationId] = last.revision;
        else finish(start, synced, messages);
      }
      // Who was put out meanwhile may be in again.
      for (const id of reply.unknown) if ((store.states.get(id)?.forgottenAt ?? 0) <= asOf) onRemoved(id);
    }
    for (const { state, target } of from.values()) {
      // What the server says it has is what there is, unless news came meanwhile.
      if (state.target === target) state.target = state.known ?? 0;
    }
  }

  function finish(
    start: { state: ConversationState; known: number; target: number },
    synced: SyncedConversation,
    messages: Message[],
  ): void {
    const { state } = start;
    if (state.known === null) return;
    const { conversation, revision } = synced;
    const wasLatest = state.timeline.toSeq >= state.lastSeq;
    applyDetails(store, state, { ...conversation, members: synced.members });
    // New ones in seq order, for an edit gives an early message a late revision.
    const isNew = (message: Message): boolean => message.seq > state.lastSeq;
    const fresh = messages.filter(isNew).sort((one, other) => one.seq - other.seq);
    const changed = messages.filter((message) => !isNew(message));
    for (const message of [...changed, ...fresh]) {
      const wasNew = applyMessage(store, state, message);
      if (message.revision > state.known) options.emitMessage(message, wasNew);
    }
    // The new ones came with quotes of an earlier page.
    for (const message of changed) if (message.revision > state.known) requote(state.timeline, message);
    state.known = Math.max(state.known, revision);
    if (conversation.revision > state.known) {
      // Read a moment later than the revision: its head may lie beyond the messages of this answer.
      state.target = Math.max(state.target, conversation.revision);
    } else {
      state.lastSeq = Math.max(state.lastSeq, conversation.lastSeq);
      // All that is theirs to see is here, so the newest of all is not.
      if (state.lastMessage !== null && state.lastMessage.seq < state.lastSeq) state.lastMessage = null;
      if (wasLatest && state.timeline.loaded) coverTo(state.timeline, state.lastSeq);
    }
    release(state);
    for (const thread of state.threads) thread.recheck();
    if (start.target > start.known) {
      options.emitDiscontinuity({
        conversationId: state.id,
        fromRevision: start.known,
        toRevision: revision,
        healed: true,
      });
    }
    options.onApplied(state);
  }

  async function jump(state: ConversationState): Promise<void> {
    const fromRevision = state.known ?? 0;
    await options.reload(state);
    const toRevision = state.known ?? fromRevision;
    options.emitDiscontinuity({ conversationId: state.id, fromRevision, toRevision, healed: false });
  }

  /** The present list items of these; what lay between is not looked at. */
  async function refresh(states: ConversationState[]): Promise<void> {
    const known = new Map(states.map((state) => [state, state.known]));
    if (listBehind || states.length > SINGLE_MAX) {
      listBehind = false;
      try {
        await options.reloadList();
      } catch (cause) {
        listBehind = true;
        throw cause;
      }
    }
    for (const state of states) {
      const before = known.get(state) ?? null;
      if (state.stale || isBehind(state)) await refreshOne(state);
      if (before !== null && state.known !== null && state.known > before && !isTracked(state.timeline)) {
        options.emitDiscontinuity({
          conversationId: state.id,
          fromRevision: before,
          toRevision: state.known,
          healed: false,
        });
      }
      options.onApplied(state);
    }
  }

  async function refreshOne(state: ConversationState): Promise<void> {
    const { target } = state;
    const asOf = store.news;
    // Whatever makes it stale while the answer is on its way is not in the answer.
    state.stale = false;
    try {
      const summary = await http("getConversation", { params: { conversationId: state.id } });
      const wasOvertaken = state.stale || summary.revision < (state.known ?? 0);
      applySummary(store, state, summary, asOf);
      // Its counts belong to a later revision than the log: again, once the log is there.
      state.stale ||= wasOvertaken || summary.revision > (state.known ?? 0);
      if (state.target === target && !isTracked(state.timeline)) state.target = state.known ?? 0;
      release(state);
    } catch (cause) {
      const error = asChatError(cause);
      state.stale = true;
      if (error.code !== "not_found" && error.code !== "forbidden") throw error;
      onRemoved(state.id);
    }
  }

  return {
    onMessage,
    onConversation,
    onRemoved,
    onHeads,
    onRevisions(revisions) {
      for (const [id, revision] of Object.entries(revisions)) hear(id, revision);
      for (const state of store.states.values()) {
        if (state.openCount > 0 && isTracked(state.timeline)) state.recheck = state.known !== null;
      }
      wakeIn(GAP_MS);
    },
    recheck(state) {
      if (state.known === null) return;
      state.recheck = isTracked(state.timeline);
      state.stale = state.stale || !state.recheck;
      wakeIn(GAP_MS);
    },
    wake: () => wakeIn(GAP_MS),
    online() {
      isOnline = true;
      failures = 0;
    },
    offline() {
      isOnline = false;
      alarm.cancel();
    },
  };
}
