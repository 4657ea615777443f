import { ChatError } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { fakeClient } from "./testing/fake-client.ts";
import { settled } from "./testing/fake-clock.ts";
import { conversationOf } from "./testing/fake-log.ts";
import { opened } from "./testing/opened.ts";

describe("history", () => {
  it("loads the newest page afresh when the way is too long", async () => {
    const fake = await opened();
    fake.say("first");
    fake.server.open()[0]?.drop();
    for (let n = 0; n < 1_100; n++) fake.say(`missed ${n}`);
    await fake.clock.advance(3_000);
    expect(fake.seqs().at(-1)).toBe(1_101);
    expect(fake.seqs()).toHaveLength(50);
    expect(fake.room.messages.getSnapshot()).toMatchObject({ atLatest: true, hasOlder: true });
    expect(fake.gaps).toMatchObject([{ healed: false, toRevision: 1_101 }]);
    fake.say("live");
    await settled();
    expect(fake.seqs().at(-1)).toBe(1_102);
  });

  it("asks for the newest page again when it could not be told", async () => {
    const fake = await opened();
    fake.say("first");
    fake.server.open()[0]?.drop();
    for (let n = 0; n < 1_100; n++) fake.say(`missed ${n}`);
    let refused = 0;
    fake.server.restFate = (path) =>
      path.endsWith("/messages") && refused++ === 0 ? new ChatError("unavailable") : null;
    await fake.clock.advance(10_000);
    expect(refused).toBe(2);
    expect(fake.seqs().at(-1)).toBe(1_101);
  });

  it("does not lose what is said while a conversation is asked for, of which nothing is known", async () => {
    const fake = await opened();
    fake.server.addLog("2", ["ann", "bob"]);
    const gate = Promise.withResolvers<void>();
    fake.server.summaryGate = gate.promise;
    fake.chat.conversation("2").open();
    await settled();
    fake.server.post("2", { senderId: "bob", body: "a" });
    gate.resolve();
    await fake.clock.advance(1_000);
    expect(fake.bodies("2")).toEqual(["a"]);
    const item = fake.chat.conversations.getSnapshot().items.find(({ id }) => id === "2");
    expect(item).toMatchObject({ unreadCount: 1, lastMessage: { body: "a" } });
  });

  it("is loaded also when the person is put out and comes back while a page is on its way", async () => {
    const fake = fakeClient();
    const log = fake.server.addLog("1", ["ann", "bob"]);
    fake.server.post("1", { senderId: "bob", body: "a" });
    await fake.online();
    const gate = Promise.withResolvers<void>();
    fake.server.historyGate = gate.promise;
    fake.chat.conversation("1").open();
    await settled();
    fake.server.open()[0]?.send("conversation:removed", { conversationId: "1" });
    fake.server.broadcast("1", "conversation:updated", { conversation: conversationOf(log) });
    await fake.clock.advance(500);
    gate.resolve();
    await fake.clock.advance(500);
    expect(fake.bodies("1")).toEqual(["a"]);
  });

  it("merges what changes while a page is on its way", async () => {
    const fake = fakeClient();
    fake.server.addLog("1", ["ann", "bob"]);
    for (const body of ["a", "b"]) fake.server.post("1", { senderId: "bob", body });
    await fake.online();
    const room = fake.chat.conversation("1");
    let open = () => {};
    fake.server.historyGate = new Promise<void>((resolve) => {
      open = resolve;
    });
    room.open();
    await settled();
    fake.server.change("1", 1, { body: "a!" });
    fake.server.post("1", { senderId: "bob", body: "c" });
    await settled();
    open();
    await fake.clock.advance(100);
    expect(fake.bodies("1")).toEqual(["a!", "b", "c"]);
    expect(fake.server.sent("conversation:sync")).toEqual([]);
  });

  it("keeps what one just said as it is now, while the window is on its way to it", async () => {
    const fake = await opened((server) => {
      for (let n = 0; n < 200; n++) server.post("1", { senderId: "bob", body: String(n) });
    });
    await fake.room.jumpTo({ seq: 20 });
    const gate = Promise.withResolvers<void>();
    fake.server.historyGate = gate.promise;
    const { seq } = await fake.room.send({ body: "mine" }).delivered;
    fake.server.change("1", seq, { body: "edited" });
    await settled();
    expect(fake.room.messages.getSnapshot().items.at(-1)).toMatchObject({ seq: 201, body: "edited" });
    gate.resolve();
    await fake.room.jumpTo({ seq: 20 });
    await fake.room.jumpTo({ seq: 100 });
    expect(fake.seqs()).not.toContain(201);
  });

  it("keeps its snapshot when nothing on the screen has changed", async () => {
    const fake = await opened((server) => {
      for (let n = 0; n < 60; n++) server.post("1", { senderId: "bob", body: String(n) });
    });
    const before = fake.room.messages.getSnapshot();
    fake.server.change("1", 1, { body: "above the window" });
    await settled();
    expect(fake.room.messages.getSnapshot()).toBe(before);
  });

  it("keeps the end of a conversation that is closed, and loads it afresh if it was elsewhere", async () => {
    const fake = await opened((server) => {
      for (let n = 0; n < 400; n++) server.post("1", { senderId: "bob", body: String(n) });
    });
    while (fake.room.messages.getSnapshot().hasOlder) await fake.room.loadOlder();
    expect(fake.seqs()).toHaveLength(400);
    fake.close();
    expect(fake.seqs()).toEqual(Array.from({ length: 200 }, (_, n) => n + 201));
    fake.say("while closed");
    fake.server.mark("1", "ann", 400, "readSeq");
    const closeAgain = fake.room.open();
    expect(fake.room.messages.getSnapshot()).toMatchObject({ hasOlder: true, firstUnreadSeq: 401 });
    expect(fake.seqs().at(-1)).toBe(401);
    await fake.room.jumpTo({ seq: 20 });
    closeAgain();
    expect(fake.room.messages.getSnapshot()).toMatchObject({ items: [], status: "idle" });
    fake.room.open();
    await settled();
    expect(fake.seqs().at(-1)).toBe(401);
  });

  it("fills an open conversation again when one is let back in", async () => {
    const fake = await opened();
    fake.say("before");
    const members = fake.server.log("1").members;
    fake.server.log("1").members = [];
    fake.server.open()[0]?.send("conversation:removed", { conversationId: "1" });
    await fake.clock.advance(500);
    expect(fake.bodies("1")).toEqual([]);
    expect(fake.room.details.getSnapshot()).toBeNull();
    fake.server.log("1").members = members;
    fake.say("after");
    await fake.clock.advance(1_000);
    expect(fake.bodies("1")).toEqual(["before", "after"]);
  });

  it("pages through history without holes, and comes back to the latest", async () => {
    const fake = fakeClient();
    fake.server.addLog("1", ["ann", "bob"]);
    for (let n = 1; n <= 230; n++) fake.server.post("1", { senderId: "bob", body: String(n) });
    await fake.online();
    const room = fake.chat.conversation("1");
    room.open();
    await settled();
    const view = () => room.messages.getSnapshot();
    expect(view()).toMatchObject({ hasOlder: true, hasNewer: false, atLatest: true, firstUnreadSeq: 1 });
    await Promise.all([room.loadOlder(), room.loadOlder()]);
    expect(fake.server.requests.filter((request) => request.endsWith("/messages"))).toHaveLength(2);
    expect(view().items.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, n) => n + 131));
    await room.jumpTo({ seq: 60 });
    expect(view()).toMatchObject({ atLatest: false, hasOlder: true, hasNewer: true });
    fake.server.post("1", { senderId: "bob", body: "new" });
    fake.server.change("1", 61, { body: "edited" });
    await settled();
    expect(view().items.find(({ seq }) => seq === 61)?.body).toBe("edited");
    while (view().hasNewer) await room.loadNewer();
    expect(view().atLatest).toBe(true);
    const seqs = view().items.map(({ seq }) => seq as number);
    expect(seqs.at(-1)).toBe(231);
    expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, n) => 232 - seqs.length + n));
    await room.jumpTo({ seq: 10 });
    const sent = room.send({ body: "mine" });
    await sent.delivered;
    await settled();
    expect(view()).toMatchObject({ atLatest: true });
    expect(view().items.at(-1)?.body).toBe("mine");
  });
});
