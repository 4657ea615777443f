import { expect, it } from "vitest";
import { applyMessage, applyPersonal, applySummary, endUnread, hideMessage } from "./apply.ts";
import { createNotifier } from "./readable.ts";
import { createStore, stateOf } from "./store.ts";
import { change, createFakeLog, pageOf, post, summaryOf } from "./testing/fake-log.ts";
import { placePage } from "./timeline.ts";

/** What Ann's device knows of a conversation in which Bob has said these. */
function known(...bodies: string[]) {
  const store = createStore(createNotifier((flush) => flush()));
  store.myId = "ann";
  const state = stateOf(store, "1");
  const log = createFakeLog("1", ["ann", "bob"], "group");
  const say = (body: string) => post(log, { senderId: "bob", body }).message;
  for (const body of bodies) say(body);
  const summary = () => structuredClone(summaryOf(log, "ann"));
  applySummary(store, state, summary(), 0);
  return { store, state, log, say, summary };
}

it("asks again when a summary was asked for before something was hidden", () => {
  const { store, state, log, summary } = known("a", "b");
  const early = summary();
  hideMessage(store, state, { seq: 1 });
  log.hidden.add(1);
  expect(state.stale).toBe(true);
  applySummary(store, state, early, 0);
  expect(state.stale).toBe(true);
  applySummary(store, state, summary(), store.news);
  expect(state).toMatchObject({ stale: false, unreadCount: 1 });
});

it("does not forget a message that a sync brought ahead of its revision", () => {
  const { store, state, say, summary } = known("a");
  const early = summary();
  applyMessage(store, state, say("b"));
  applySummary(store, state, early, 0);
  expect(state).toMatchObject({ known: 1, lastSeq: 2, lastMessage: { body: "b" }, stale: true });
});

it("counts nothing that was said before the person came", () => {
  const { store, state, log, say, summary } = known("a", "b", "c");
  log.members = log.members.map((member) => ({ ...member, joinedSeq: 2, readSeq: 3 }));
  say("d");
  applySummary(store, state, summary(), 0);
  state.timeline.loads += 1;
  placePage(state.timeline, "latest", pageOf(log, new URLSearchParams()), 4);
  const { personal } = summary();
  applyPersonal(store, state, { ...personal, revision: 1, unreadFromSeq: 1 });
  expect(state.unreadCount).toBe(2);
});

it("counts by what is read here already, of what was marked unread, though a summary does not know it yet", () => {
  const { store, state, log, summary } = known("a", "b", "c");
  log.members = log.members.map((member) => ({ ...member, readSeq: 3 }));
  const personal = { ...summary().personal, revision: 1, unreadFromSeq: 2 };
  const early = { ...summary(), personal, unreadCount: 2 };
  applySummary(store, state, early, 0);
  expect(state.unreadCount).toBe(2);
  endUnread(store, state, 3);
  applySummary(store, state, early, 0);
  expect(state.unreadCount).toBe(0);
  applyPersonal(store, state, { ...personal, revision: 2, unreadFromSeq: null });
  expect(state).toMatchObject({ unreadCount: 0, stale: false });
});

it("counts again when an edit names the person, or no longer does", () => {
  const { store, state, log, summary } = known("a", "b");
  const edited = (seq: number, mentions: string[]) =>
    change(log, seq, { editedAt: "2030-01-01T00:00:00.000Z", mentions });
  const edit = (mentions: string[]) => applyMessage(store, state, edited(1, mentions));
  edit([]);
  expect(state.stale).toBe(false);
  edit(["ann"]);
  expect(state.stale).toBe(true);
  state.known = log.revision;
  applySummary(store, state, summary(), store.news);
  expect(state.mentionCount).toBe(1);
  state.timeline.loads += 1;
  placePage(state.timeline, "latest", pageOf(log, new URLSearchParams()), 2);
  edit([]);
  expect(state).toMatchObject({ unreadCount: 2, mentionCount: 0, stale: false });
  // A page was quicker.
  const named = edited(2, ["ann"]);
  placePage(state.timeline, "latest", pageOf(log, new URLSearchParams()), 2);
  applyMessage(store, state, named);
  expect(state.mentionCount).toBe(1);
});

it("counts once what a page showed before it was told of, whatever else changes in between", () => {
  const { store, state, log, say } = known("a", "b");
  const last = say("c");
  state.timeline.loads += 1;
  placePage(state.timeline, "latest", pageOf(log, new URLSearchParams()), 2);
  applyMessage(store, state, change(log, 1, { deletedAt: "2030-01-01T00:00:00.000Z" }));
  expect(state.unreadCount).toBe(1);
  applyMessage(store, state, last);
  expect(state.unreadCount).toBe(2);
});
