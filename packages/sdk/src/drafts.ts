import type { Draft } from "@confab/contract";
import type { Connection } from "./connection.ts";
import { createSource, type Source } from "./readable.ts";
import { asChatError, type Ctx, createAlarm, pauseMs } from "./runtime.ts";
import type { Store } from "./store.ts";
import type { DraftHandle, DraftText } from "./types.ts";

const SAVE_MS = 1000;
const EMPTY: DraftText = { body: "", replyToId: null };

/**
 * What is typed here reaches the person's other devices a second later, and the other way round. Nothing that was typed
 * is lost to another device: if both have written, what is kept is the one text above the other.
 */
export interface Drafts {
  handle(conversationId: string, threadRootId: string | null): DraftHandle;
  onDraft(draft: Draft): void;
  online(): void;
  offline(): void;
  reset(): void;
}

interface Entry {
  conversationId: string;
  threadRootId: string | null;
  text: Source<DraftText>;
  /** The server's revision that the text was made from. */
  base: number;
  /** The newest of the server's that was heard of. */
  latest: Draft | null;
  /** There is something to save. */
  isDirty: boolean;
  /** What was saved without an answer: perhaps it is what the server has now. */
  unanswered: string[];
}

export function createDrafts(
  ctx: Ctx,
  options: {
    store: Store;
    request: Connection["request"];
    isOnline(): boolean;
    /** Resolves once every draft that the server has was heard of. */
    sync(): Promise<void>;
  },
): Drafts {
  const entries = new Map<string, Entry>();
  const alarm = createAlarm(ctx, () => void saveAll());
  let saving = false;
  let failures = 0;

  function entryOf(conversationId: string, threadRootId: string | null): Entry {
    const key = `${conversationId} ${threadRootId ?? ""}`;
    const held = entries.get(key);
    if (held !== undefined) return held;
    const text = createSource<DraftText>(options.store.notifier, EMPTY);
    const entry = {
      conversationId,
      threadRootId,
      text,
      base: 0,
      latest: null,
      isDirty: false,
      unanswered: [],
    };
    entries.set(key, entry);
    return entry;
  }

  function set(entry: Entry, { body, replyToId = null }: { body: string; replyToId?: string | null }): void {
    const held = entry.text.getSnapshot();
    if (held.body === body && held.replyToId === replyToId) return;
    entry.text.set({ body, replyToId });
    entry.isDirty = true;
    alarm.arm(SAVE_MS);
  }

  async function saveAll(): Promise<void> {
    if (saving || !options.isOnline()) return;
    saving = true;
    let pause = SAVE_MS;
    try {
      for (const entry of entries.values()) if (entry.isDirty) await save(entry);
      failures = 0;
    } catch (cause) {
      pause = pauseMs(ctx, asChatError(cause), failures);
      failures += 1;
    } finally {
      saving = false;
    }
    for (const entry of entries.values()) adopt(entry);
    if ([...entries.values()].some((entry) => entry.isDirty)) alarm.arm(pause);
  }

  async function save(entry: Entry): Promise<void> {
    const { conversationId, threadRootId, base } = entry;
    const { body, replyToId } = entry.text.getSnapshot();
    entry.isDirty = false;
    try {
      const payload = { conversationId, threadRootId, body, replyToId, baseRevision: base };
      const { draft } = await options.request("draft:set", payload);
      entry.base = draft.revision;
      entry.unanswered = [];
      remember(entry, draft);
    } catch (cause) {
      const error = asChatError(cause);
      // Where the server keeps no drafts they are this device's alone.
      if (error.retry === "never" && error.code !== "conflict") return;
      entry.isDirty = true;
      if (error.code !== "conflict") {
        entry.unanswered.push(body);
        throw error;
      }
      await join(entry);
    }
  }

  /** Another device has written meanwhile: its text stays above this one's, unless one has the other in it. */
  async function join(entry: Entry): Promise<void> {
    await options.sync();
    const { body, replyToId } = entry.text.getSnapshot();
    const theirs = entry.latest?.body ?? "";
    entry.base = entry.latest?.revision ?? entry.base;
    // Nobody else's at all: what was typed here before.
    if (entry.unanswered.includes(theirs)) return;
    const joined = body.includes(theirs) ? body : theirs.includes(body) ? theirs : `${theirs}\n${body}`;
    entry.text.set({ body: joined, replyToId: replyToId ?? entry.latest?.replyToId ?? null });
    entry.isDirty = joined !== theirs;
  }

  function remember(entry: Entry, draft: Draft): void {
    if (draft.revision >= (entry.latest?.revision ?? 0)) entry.latest = draft;
  }

  /** What another device wrote, unless something is typed here: saving that will find out. */
  function adopt(entry: Entry): void {
    const { latest, base, isDirty } = entry;
    if (saving || isDirty || latest === null || latest.revision <= base) return;
    entry.base = latest.revision;
    entry.text.set({ body: latest.body, replyToId: latest.replyToId });
  }

  return {
    handle(conversationId, threadRootId) {
      const entry = entryOf(conversationId, threadRootId);
      return {
        text: entry.text,
        set: (text) => set(entry, text),
        clear: () => set(entry, { body: "" }),
      };
    },
    onDraft(draft) {
      const entry = entryOf(draft.conversationId, draft.threadRootId);
      remember(entry, draft);
      adopt(entry);
    },
    online: () => alarm.arm(0),
    offline: () => alarm.cancel(),
    reset() {
      for (const entry of entries.values()) {
        Object.assign(entry, { base: 0, latest: null, isDirty: false, unanswered: [] });
        entry.text.set(EMPTY);
      }
    },
  };
}
