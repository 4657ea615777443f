import { expect, it } from "vitest";
import { applyMessage, applySummary } from "./apply.ts";
import { createNotifier } from "./readable.ts";
import { createStore, stateOf } from "./store.ts";
import { createFakeLog, post, summaryOf } from "./testing/fake-log.ts";

it("does not forget a message that a sync brought ahead of its revision", () => {
  const store = createStore(createNotifier((flush) => flush()));
  store.myId = "ann";
  const state = stateOf(store, "1");
  const log = createFakeLog("1", ["ann", "bob"], "group");
  const say = (body: string) => post(log, { senderId: "bob", body }).message;
  say("a");
  const summary = structuredClone(summaryOf(log, "ann"));
  applySummary(store, state, summary);
  applyMessage(store, state, say("b"));
  applySummary(store, state, summary);
  expect(state).toMatchObject({ known: 1, lastSeq: 2, lastMessage: { body: "b" }, stale: true });
});
