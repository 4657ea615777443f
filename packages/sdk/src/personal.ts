import type { Draft, HiddenMessage, PersonalState } from "@confab/contract";
import { applyPersonal, hideMessage } from "./apply.ts";
import type { Connection } from "./connection.ts";
import { asChatError, type Ctx, createAlarm, pauseMs } from "./runtime.ts";
import { type Store, stateOf } from "./store.ts";

/**
 * What is the person's own, over all of their devices: each change has the next of their revisions. A jump, or a head
 * that is ahead, is closed by `personal:sync`, however long this device was away.
 */
export interface Personal {
  onState(state: PersonalState): void;
  onDraft(draft: Draft): void;
  onHidden(hidden: HiddenMessage): void;
  /** The newest revision, as `ready` and heads tell it. */
  onRevision(revision: number): void;
  /** Asks for what is missing; resolves when it is here. */
  sync(): Promise<void>;
  /** Somebody else has signed in. */
  reset(): void;
  offline(): void;
}

export interface PersonalOptions {
  store: Store;
  request: Connection["request"];
  onDraft(draft: Draft): void;
  /** For the first time. */
  onHidden(hidden: HiddenMessage): void;
  /** A state is new, or something was hidden: counts that cannot be told from what is loaded are to be asked for. */
  onApplied(): void;
}

export function createPersonal(ctx: Ctx, options: PersonalOptions): Personal {
  const { store, request } = options;
  let known = 0;
  let target = 0;
  let failures = 0;
  let flight: Promise<void> | null = null;
  const alarm = createAlarm(ctx, () => void sync().catch(() => {}));

  function apply(state: PersonalState): void {
    applyPersonal(store, stateOf(store, state.conversationId), state);
    options.onApplied();
  }

  function hide(hidden: HiddenMessage): void {
    if (!hideMessage(store, stateOf(store, hidden.conversationId), hidden)) return;
    options.onHidden(hidden);
    options.onApplied();
  }

  /** A change arrived live; whether nothing before it is missing decides if it counts. */
  function take(revision: number): void {
    if (revision === known + 1) known = revision;
    notice(revision);
  }

  function notice(revision: number): void {
    target = Math.max(target, revision);
    if (target > known) alarm.arm(0);
  }

  async function walk(): Promise<void> {
    const before = target;
    for (let hasMore = true; hasMore; ) {
      const page = await request("personal:sync", { after: known });
      for (const state of page.states) apply(state);
      for (const draft of page.drafts) options.onDraft(draft);
      for (const hidden of page.hidden) hide(hidden);
      known = Math.max(known, page.revision);
      hasMore = page.hasMore;
    }
    // The server's word is what there is, unless news came meanwhile.
    if (target === before) target = known;
    failures = 0;
    if (target > known) alarm.arm(0);
  }

  function sync(): Promise<void> {
    flight ??= walk()
      .catch((cause: unknown) => {
        const error = asChatError(cause);
        if (error.retry !== "never") alarm.arm(pauseMs(ctx, error, failures));
        failures += 1;
        throw error;
      })
      .finally(() => {
        flight = null;
      });
    return flight;
  }

  return {
    sync,
    onState(state) {
      apply(state);
      take(state.revision);
    },
    onDraft(draft) {
      options.onDraft(draft);
      take(draft.revision);
    },
    onHidden(hidden) {
      hide(hidden);
      take(hidden.revision);
    },
    onRevision: notice,
    offline: () => alarm.cancel(),
    reset() {
      known = 0;
      target = 0;
    },
  };
}
