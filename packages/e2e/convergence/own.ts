/** What is a person's own, by the rules of docs/protocol.md and with none of the SDK's code. */
import type { Draft, HiddenMessage, PersonalState, PersonalSyncReply } from "@confab/contract";
import type { Random } from "@confab/testkit";
import type { OwnFacts } from "./facts.ts";

/** A client's state, as it was at a revision of the person's own. */
export interface OwnSnapshot {
  cursor: number;
  states: Map<string, PersonalState>;
  /** By conversation and thread. */
  drafts: Map<string, Draft>;
  /** What the person deleted for themself, by conversation and seq. */
  hidden: Map<string, HiddenMessage>;
}

export const nothingOwn = (): OwnSnapshot => ({
  cursor: 0,
  states: new Map(),
  drafts: new Map(),
  hidden: new Map(),
});

export const placeOf = (conversationId: string, seq: number): string => `${conversationId} ${seq}`;
const draftKey = ({ conversationId, threadRootId }: Draft): string => `${conversationId} ${threadRootId}`;

/** Folds `personal:sync` over it, page by page, until there is no more. */
export async function foldOwn(
  own: OwnSnapshot,
  ask: (after: number) => Promise<PersonalSyncReply>,
): Promise<OwnSnapshot> {
  const [states, drafts, hidden] = [new Map(own.states), new Map(own.drafts), new Map(own.hidden)];
  let { cursor } = own;
  for (let hasMore = true; hasMore; ) {
    const page = await ask(cursor);
    for (const state of page.states) states.set(state.conversationId, state);
    for (const draft of page.drafts) drafts.set(draftKey(draft), draft);
    for (const row of page.hidden) hidden.set(placeOf(row.conversationId, row.seq), row);
    ({ revision: cursor, hasMore } = page);
  }
  return { cursor, states, drafts, hidden };
}

/** An older state, made of the present one: whatever changed after a random cursor is missing or another. */
export function ageOwn(present: OwnSnapshot, random: Random): OwnSnapshot {
  const cursor = random.int(0, present.cursor);
  const older = <T extends { revision: number }>(rows: Map<string, T>, old?: Partial<T>): Map<string, T> =>
    new Map(
      [...rows].flatMap(([key, row]) => {
        if (row.revision <= cursor) return [[key, row]];
        return old && random.chance(0.5) ? [[key, { ...row, ...old, revision: cursor }]] : [];
      }),
    );
  return {
    cursor,
    states: older(present.states, { pinnedAt: "an older time" }),
    drafts: older(present.drafts, { body: "an older text" }),
    hidden: older(present.hidden),
  };
}

/** What it says of one conversation. */
export function ownFacts(own: OwnSnapshot, conversationId: string): OwnFacts {
  const state = own.states.get(conversationId);
  const drafts = [...own.drafts.values()].filter(
    (draft) => draft.conversationId === conversationId && draft.body !== "",
  );
  return {
    settings: settingsFacts(state),
    drafts: Object.fromEntries(drafts.map((draft) => [draft.threadRootId ?? "", draft.body])),
  };
}

export const settingsFacts = (
  state: Partial<OwnFacts["settings"]> | null | undefined,
): OwnFacts["settings"] => ({
  mutedUntil: state?.mutedUntil ?? null,
  pinnedAt: state?.pinnedAt ?? null,
  archivedAt: state?.archivedAt ?? null,
  unreadFromSeq: state?.unreadFromSeq ?? null,
});
