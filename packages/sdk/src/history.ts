import { ChatError, type ConversationSummary, type HistoryPage } from "@confab/contract";
import { applySummary, firstUnreadSeq } from "./apply.ts";
import type { Http } from "./http.ts";
import { asChatError } from "./runtime.ts";
import { type ConversationState, type Store, touchOutbox } from "./store.ts";
import { createTimeline, endLoad, isTracked, type Place, placePage, settleDown } from "./timeline.ts";

const PAGE = 50;
const MEMBERS_SHOWN = 200;

/** Pages of a conversation's log. What changes while a page is on its way is merged with it, so no edit is lost (P4). */
export interface History {
  /** The newest page, unless a part is loaded already. */
  open(state: ConversationState): Promise<void>;
  /** Somebody comes back to a loaded conversation: what is unread now is what they have not seen. */
  reopen(state: ConversationState): void;
  /** Nobody looks any more: its end is kept; a window elsewhere is dropped, since opening shows the newest page. */
  close(state: ConversationState): void;
  older(state: ConversationState): Promise<void>;
  newer(state: ConversationState): Promise<void>;
  jump(state: ConversationState, target: { seq: number } | "latest"): Promise<void>;
  /** The present summary and newest page, whatever was known. */
  reload(state: ConversationState): Promise<void>;
}

export interface HistoryOptions {
  store: Store;
  http: Http;
  onPage(state: ConversationState, page: HistoryPage): void;
}

export function createHistory({ store, http, onPage }: HistoryOptions): History {
  /** One load of a kind at a time: a list that asks on every scroll event asks once. */
  const flights = new Map<string, Promise<void>>();
  function once(state: ConversationState, kind: string, run: () => Promise<void>): Promise<void> {
    const key = `${state.id} ${kind}`;
    const held = flights.get(key);
    if (held !== undefined) return held;
    const flight = run().finally(() => flights.delete(key));
    flights.set(key, flight);
    return flight;
  }

  async function load(
    state: ConversationState,
    place: Place,
    query: { before?: number; after?: number; around?: number },
  ): Promise<void> {
    const { timeline, lastSeq } = state;
    const { fromSeq, toSeq } = timeline;
    timeline.loads += 1;
    try {
      const page = await http("listMessages", {
        params: { conversationId: state.id },
        query: { ...query, limit: PAGE },
      });
      // Another page moved the window meanwhile: this one no longer fits its edge.
      const fits =
        place === "latest" ||
        place === "around" ||
        (place === "older" ? timeline.fromSeq === fromSeq : timeline.toSeq >= toSeq);
      if (state.timeline !== timeline || !fits) return;
      placePage(timeline, place, page, lastSeq);
      // Whoever looks elsewhere does not wait for their own messages to land.
      if (place === "around") state.landing = [];
      onPage(state, page);
    } finally {
      endLoad(timeline);
      touchOutbox(store, state);
    }
  }

  /** It came by a list, which shows a few members of a large group. */
  const isCut = ({ details }: ConversationState): boolean =>
    details !== null && details.members.length < Math.min(details.memberCount, MEMBERS_SHOWN);

  async function askSummary(state: ConversationState): Promise<() => ConversationSummary> {
    const asOf = store.news;
    const answer = await http("getConversation", { params: { conversationId: state.id } });
    return () => {
      applySummary(store, state, answer, asOf);
      return answer;
    };
  }

  /** A fresh start: the page that follows is at least as new as this. */
  async function summary(state: ConversationState): Promise<void> {
    do {
      const { target } = state;
      const apply = await askSummary(state);
      state.known = null;
      state.stale = false;
      const { revision } = apply();
      // What the server says it has is what there is, unless news came meanwhile.
      if (state.target === target) state.target = revision;
      for (const held of state.held.keys()) if (held <= revision) state.held.delete(held);
    } while (state.known === null);
  }

  async function first(state: ConversationState): Promise<void> {
    state.loadStatus = "loading";
    state.loadError = undefined;
    touchOutbox(store, state);
    try {
      // Again, if it was left and joined again meanwhile.
      do {
        if (state.known === null) await summary(state);
        else if (isCut(state)) (await askSummary(state))();
        await load(state, "latest", {});
      } while (!state.timeline.loaded);
      state.firstUnreadSeq = firstUnreadSeq(store, state);
      state.loadStatus = "ready";
    } catch (cause) {
      const error = asChatError(cause);
      state.loadStatus = state.timeline.loaded ? "ready" : "failed";
      state.loadError = error;
      throw error;
    } finally {
      touchOutbox(store, state);
    }
  }

  return {
    open: (state) => (state.timeline.loaded ? Promise.resolve() : once(state, "first", () => first(state))),
    reopen(state) {
      state.firstUnreadSeq = firstUnreadSeq(store, state);
      touchOutbox(store, state);
    },
    close(state) {
      if (!settleDown(state.timeline, state.lastSeq)) {
        state.timeline = createTimeline();
        state.loadStatus = "idle";
      }
      touchOutbox(store, state);
    },
    reload: (state) =>
      once(state, "reload", async () => {
        const { known } = state;
        try {
          await summary(state);
          await load(state, "latest", {});
        } catch (cause) {
          // Without its page, what is shown is as old as before.
          if (state.known !== null) state.known = known;
          throw cause;
        }
      }),
    older: (state) =>
      once(state, "older", async () => {
        const { loaded, hasOlder, fromSeq } = state.timeline;
        if (loaded && hasOlder) await load(state, "older", { before: fromSeq });
      }),
    newer: (state) =>
      once(state, "newer", async () => {
        const { loaded, toSeq } = state.timeline;
        if (loaded && toSeq < state.lastSeq) await load(state, "newer", { after: toSeq });
      }),
    jump: (state, target) => {
      const { timeline } = state;
      if (target === "latest") {
        if (timeline.loaded && timeline.toSeq >= state.lastSeq) return Promise.resolve();
        return once(state, "latest", () => (isTracked(timeline) ? load(state, "latest", {}) : first(state)));
      }
      const { seq } = target;
      if (!Number.isInteger(seq) || seq < 0) {
        return Promise.reject(new ChatError("invalid", { reason: "seq_invalid" }));
      }
      if (timeline.loaded && seq >= timeline.fromSeq && seq <= timeline.toSeq) return Promise.resolve();
      return once(state, `around ${seq}`, async () => {
        if (state.known === null) await summary(state);
        await load(state, "around", { around: seq });
        if (state.timeline.loaded) state.loadStatus = "ready";
      });
    },
  };
}
