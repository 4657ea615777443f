import type { Message } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { change, createFakeLog, pageOf, post } from "./testing/fake-log.ts";
import { coverTo, createTimeline, endLoad, ingest, placePage } from "./timeline.ts";

/** A log of `count` messages, and a timeline with its newest page. */
function loaded(count: number) {
  const log = createFakeLog("1", ["ann", "bob"], "group");
  const say = () => post(log, { senderId: "bob", body: `m${log.messages.length + 1}` }).message;
  for (let n = 0; n < count; n++) say();
  const page = (query = {}) => structuredClone(pageOf(log, new URLSearchParams({ limit: "10", ...query })));
  const timeline = createTimeline();
  timeline.loads += 1;
  placePage(timeline, "latest", page(), count);
  endLoad(timeline);
  const seqs = () => timeline.messages.map(({ seq }) => seq);
  const bodies = () => timeline.messages.map(({ body }) => body);
  return { log, say, page, timeline, seqs, bodies };
}

describe("timeline", () => {
  it("never goes back to an older state of a message", () => {
    const { log, timeline, bodies } = loaded(3);
    const old = change(log, 2, { body: "older" });
    ingest(timeline, change(log, 2, { body: "newer" }));
    ingest(timeline, old);
    expect(bodies()).toEqual(["m1", "newer", "m3"]);
  });

  it("shows what follows a hole only once the hole is filled", () => {
    const { say, timeline, seqs } = loaded(1);
    const [two, three, four] = [say(), say(), say()];
    ingest(timeline, four);
    ingest(timeline, three);
    expect(seqs()).toEqual([1]);
    ingest(timeline, two);
    expect(seqs()).toEqual([1, 2, 3, 4]);
    expect(timeline.ahead.size).toBe(0);
  });

  it("keeps an edit that overtakes a page, also of a message that is shown already", () => {
    const { log, page, timeline, bodies } = loaded(12);
    timeline.loads += 1;
    const around = page({ around: 6 });
    ingest(timeline, change(log, 5, { body: "edited" }));
    placePage(timeline, "around", around, 12);
    endLoad(timeline);
    expect(bodies()).toContain("edited");
    expect(bodies()).not.toContain("m5");
    expect(timeline.ahead.size).toBe(0);
  });

  it("puts an edit that overtakes a page into the quotes of that page", () => {
    const { log, page, timeline } = loaded(12);
    const { id, seq, senderId, kind } = log.messages[0] as Message;
    change(log, 6, { replyTo: { id, seq, senderId, kind, body: "m1" } });
    timeline.loads += 1;
    const around = page({ around: 6 });
    ingest(timeline, change(log, 1, { body: "edited" }));
    placePage(timeline, "around", around, 12);
    endLoad(timeline);
    expect(timeline.messages.find((message) => message.seq === 6)?.replyTo?.body).toBe("edited");
  });

  it("reaches the head although the newest messages are hidden from this person", () => {
    const { say, page, timeline, seqs } = loaded(3);
    const hidden = page();
    hidden.items.pop();
    placePage(timeline, "latest", { ...hidden, hasNewer: true }, 3);
    expect(timeline.toSeq).toBe(3);
    ingest(timeline, say());
    expect(seqs()).toEqual([1, 2, 4]);
  });

  it("passes over what a sync left out", () => {
    const { say, timeline, seqs } = loaded(1);
    const [two, , four] = [say(), say(), say()];
    ingest(timeline, two);
    ingest(timeline, four);
    expect(seqs()).toEqual([1, 2]);
    coverTo(timeline, 4);
    expect(seqs()).toEqual([1, 2, 4]);
    ingest(timeline, say());
    expect(seqs()).toEqual([1, 2, 4, 5]);
  });

  it("ignores what lies before its window", () => {
    const { log, timeline, seqs } = loaded(30);
    ingest(timeline, change(log, 3, { body: "far away" }));
    expect(seqs()[0]).toBe(21);
    expect(timeline.ahead.size).toBe(0);
  });
});
