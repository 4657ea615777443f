import { LIMITS } from "@confab/contract";
import { applySummary } from "./apply.ts";
import type { Http } from "./http.ts";
import { asChatError, type Ctx, createAlarm, pauseMs } from "./runtime.ts";
import { type ConversationState, type Store, stateOf } from "./store.ts";

const PAGE = 50;

/** The list of conversations, page by page. */
export interface Conversations {
  /** First page, until it is there. */
  start(): void;
  stop(): void;
  more(): Promise<void>;
  /** The most active ones again. */
  reload(): Promise<void>;
}

export function createConversations(
  ctx: Ctx,
  options: { store: Store; http: Http; onApplied(state: ConversationState): void; onListed(): void },
): Conversations {
  const { store, http } = options;
  let failures = 0;
  let flight: Promise<void> | null = null;
  const alarm = createAlarm(ctx, () => void first());

  async function page(cursor: string | null, limit: number): Promise<string | null> {
    const asOf = store.news;
    const answer = await http("listConversations", {
      query: { limit, ...(cursor === null ? {} : { cursor }) },
    });
    for (const summary of answer.items) {
      const state = stateOf(store, summary.id);
      applySummary(store, state, summary, asOf);
      options.onApplied(state);
    }
    return answer.nextCursor;
  }

  function setList(change: Partial<Store["list"]>): void {
    store.list = { ...store.list, error: undefined, ...change };
    store.listView.invalidate();
  }

  async function first(): Promise<void> {
    try {
      setList({ status: "ready", cursor: await page(null, PAGE) });
      failures = 0;
      options.onListed();
    } catch (cause) {
      const error = asChatError(cause);
      setList({ status: "failed", error });
      alarm.arm(pauseMs(ctx, error, failures));
      failures += 1;
    }
  }

  return {
    start() {
      if (store.list.status !== "ready") alarm.arm(0);
    },
    stop: () => alarm.cancel(),
    reload: async () => void (await page(null, LIMITS.listPage)),
    more() {
      const { cursor, status } = store.list;
      if (cursor === null || status !== "ready") return Promise.resolve();
      flight ??= page(cursor, PAGE)
        .then((next) => setList({ cursor: next }))
        .finally(() => {
          flight = null;
        });
      return flight;
    },
  };
}
