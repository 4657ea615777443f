import { ChatError } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { fakeClient } from "./testing/fake-client.ts";
import { settled } from "./testing/fake-clock.ts";
import type { FakeServer } from "./testing/fake-server.ts";

async function ready(
  members = ["ann", "bob"],
  kind: "direct" | "group" = "group",
  prepare?: (server: FakeServer) => void,
) {
  const fake = fakeClient();
  fake.server.addLog("1", members, kind);
  prepare?.(fake.server);
  await fake.online();
  const room = fake.chat.conversation("1");
  const say = (body: string) => fake.server.post("1", { senderId: "bob", body });
  const item = () => fake.chat.conversations.getSnapshot().items[0];
  return { ...fake, room, say, item };
}

describe("receipts", () => {
  it("tells delivered once for a burst, with the highest seq", async () => {
    const fake = await ready();
    for (const body of ["a", "b", "c"]) fake.say(body);
    await fake.clock.advance(1_000);
    expect(fake.server.sent("receipt:delivered")).toEqual([{ conversationId: "1", seq: 3 }]);
    expect(fake.server.sent("receipt:read")).toEqual([]);
  });

  it("tells delivered for what came while it was away", async () => {
    const fake = await ready(undefined, undefined, (server) => {
      server.post("1", { senderId: "bob", body: "early" });
    });
    await fake.clock.advance(1_000);
    expect(fake.server.sent("receipt:delivered")).toEqual([{ conversationId: "1", seq: 1 }]);
  });

  it("tells read only while open and in view, forward only, and read implies delivered", async () => {
    const fake = await ready();
    fake.say("a");
    fake.say("b");
    fake.room.markRead(2);
    await fake.clock.advance(1_000);
    expect(fake.server.sent("receipt:read")).toEqual([]);
    fake.setActive(false);
    fake.room.open();
    await fake.clock.advance(1_000);
    expect(fake.server.sent("receipt:read")).toEqual([]);
    expect(fake.item()?.unreadCount).toBe(2);
    fake.setActive(true);
    await fake.clock.advance(1_000);
    fake.room.markRead(1);
    await fake.clock.advance(1_000);
    expect(fake.server.sent("receipt:read")).toEqual([{ conversationId: "1", seq: 2 }]);
    expect(fake.item()?.unreadCount).toBe(0);
    fake.say("c");
    fake.room.markRead(3);
    await fake.clock.advance(1_000);
    expect(fake.server.sent("receipt:delivered").map(({ seq }) => seq)).toEqual([2]);
    expect(fake.server.sent("receipt:read").map(({ seq }) => seq)).toEqual([2, 3]);
  });

  it("tells read of what a page showed before this device was told of it, and counts it no more", async () => {
    const fake = await ready();
    const late: (() => void)[] = [];
    fake.server.onFrame = (_name, _payload, deliver) => void late.push(deliver);
    fake.say("a");
    fake.room.open();
    await fake.clock.advance(1_000);
    expect(fake.item()?.lastMessage).toBeNull();
    fake.room.markRead(1);
    await fake.clock.advance(1_000);
    expect(fake.server.sent("receipt:read")).toEqual([{ conversationId: "1", seq: 1 }]);
    for (const deliver of late) deliver();
    await fake.clock.advance(1_000);
    expect(fake.item()).toMatchObject({ lastMessage: { body: "a" }, unreadCount: 0 });
  });

  it("reads by itself when asked to, at the latest and in view", async () => {
    const fake = await ready();
    fake.say("a");
    fake.room.open({ autoRead: true });
    await fake.clock.advance(500);
    fake.setActive(false);
    fake.say("b");
    await fake.clock.advance(500);
    expect(fake.server.sent("receipt:read").map(({ seq }) => seq)).toEqual([1]);
    fake.setActive(true);
    await fake.clock.advance(500);
    expect(fake.server.sent("receipt:read").map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it("finds the first unread message anew at every opening", async () => {
    const fake = await ready();
    const firstUnread = () => fake.room.messages.getSnapshot().firstUnreadSeq;
    fake.say("a");
    const close = fake.room.open();
    await fake.clock.advance(500);
    expect(firstUnread()).toBe(1);
    fake.room.markRead(1);
    await fake.clock.advance(500);
    expect(firstUnread()).toBe(1);
    close();
    fake.say("b");
    await fake.clock.advance(500);
    fake.room.open()();
    expect(firstUnread()).toBe(2);
    fake.room.open();
    fake.room.markRead(2);
    await fake.clock.advance(500);
    fake.room.open();
    expect(firstUnread()).toBeNull();
  });

  it("keeps marks through a limit and a lost connection", async () => {
    const fake = await ready();
    let refused = 0;
    fake.server.fate = (name) =>
      name === "receipt:delivered" && refused++ === 0
        ? new ChatError("rate_limited", { retryAfterMs: 3_000 })
        : "ok";
    fake.say("a");
    await fake.clock.advance(2_900);
    expect(fake.server.sent("receipt:delivered")).toHaveLength(1);
    await fake.clock.advance(2_000);
    expect(fake.server.log("1").members[0]?.deliveredSeq).toBe(1);
    fake.say("b");
    fake.server.open()[0]?.drop();
    await fake.clock.advance(5_000);
    expect(fake.server.log("1").members[0]?.deliveredSeq).toBe(2);
  });

  it("tells what was read even when the conversation was left before the server could be told", async () => {
    const fake = await ready();
    let refused = 0;
    fake.server.fate = (name) =>
      name === "receipt:read" && refused++ === 0 ? new ChatError("unavailable", { retryAfterMs: 500 }) : "ok";
    fake.say("a");
    const close = fake.room.open();
    await fake.clock.advance(500);
    fake.room.markRead(1);
    await fake.clock.advance(150);
    expect(fake.server.sent("receipt:read")).toHaveLength(1);
    close();
    fake.say("b");
    fake.room.markRead(2);
    await fake.clock.advance(5_000);
    expect(fake.server.sent("receipt:read").map(({ seq }) => seq)).toEqual([1, 1]);
    expect(fake.server.log("1").members[0]?.readSeq).toBe(1);
    expect(fake.item()?.unreadCount).toBe(1);
  });

  it("tells nothing for somebody else who signs in", async () => {
    let userId = "ann";
    const fake = fakeClient("ann", { getToken: () => `${userId}#1` });
    fake.server.addLog("1", ["ann", "bob", "eve"]);
    for (const body of ["a", "b"]) fake.server.post("1", { senderId: "bob", body });
    await fake.online();
    fake.server.fate = (name) => (name === "receipt:read" ? new ChatError("unavailable") : "ok");
    fake.chat.conversation("1").open();
    fake.chat.conversation("1").markRead(2);
    await fake.clock.advance(300);
    await fake.chat.disconnect();
    userId = "eve";
    fake.server.fate = () => "ok";
    fake.chat.connect();
    await fake.clock.advance(5_000);
    expect(fake.server.log("1").members.map(({ readSeq }) => readSeq)).toEqual([0, 0, 0]);
  });

  it("lowers unread when another device of one's own reads", async () => {
    const fake = await ready();
    for (const body of ["a", "b", "c"]) fake.say(body);
    await settled();
    expect(fake.item()?.unreadCount).toBe(3);
    fake.server.mark("1", "ann", 2, "readSeq");
    await fake.clock.advance(1_000);
    expect(fake.item()?.unreadCount).toBe(1);
    fake.server.mark("1", "ann", 3, "readSeq");
    await settled();
    expect(fake.item()?.unreadCount).toBe(0);
  });

  it("does not count what another device read before this one heard of it", async () => {
    const fake = await ready();
    fake.room.open();
    await settled();
    fake.server.onFrame = (name, _payload, deliver) => {
      if (name === "receipt:updated") deliver();
    };
    for (const body of ["a", "b"]) fake.say(body);
    fake.server.mark("1", "ann", 2, "readSeq");
    fake.server.open()[0]?.send("head", { revisions: { 1: 2 } });
    await fake.clock.advance(500);
    expect(fake.bodies("1")).toEqual(["a", "b"]);
    expect(fake.item()?.unreadCount).toBe(0);
  });

  it("does not count own, system and deleted messages as unread", async () => {
    const fake = await ready();
    fake.server.post("1", { senderId: "ann", body: "mine" });
    fake.server.post("1", { senderId: "bob", body: null, kind: "system" });
    fake.say("one");
    fake.room.open();
    await fake.clock.advance(500);
    expect(fake.item()?.unreadCount).toBe(1);
    fake.server.change("1", 3, { body: null, deletedAt: "2030-01-01T00:00:00.000Z" });
    await fake.clock.advance(500);
    expect(fake.item()?.unreadCount).toBe(0);
  });
});

describe("ticks of own messages", () => {
  it("follow the other person in a direct conversation", async () => {
    const fake = await ready(["ann", "bob"], "direct");
    fake.room.open();
    await settled();
    await fake.room.send({ body: "one" }).delivered;
    await fake.room.send({ body: "two" }).delivered;
    const rows = () => fake.room.messages.getSnapshot().items;
    const before = rows();
    fake.server.mark("1", "bob", 2, "deliveredSeq");
    fake.server.mark("1", "bob", 1, "readSeq");
    await settled();
    expect(fake.states("1")).toEqual(["read", "delivered"]);
    fake.server.mark("1", "bob", 2, "readSeq");
    expect(rows()[0]).not.toBe(before[0]);
    const [first] = rows();
    fake.say("yes?");
    await settled();
    expect(rows()[0]).toBe(first);
  });

  it("claim nothing in a group that is larger than its list of members", async () => {
    const fake = await ready(["ann", "bob"], "group", (server) => {
      server.log("1").hiddenMembers = 300;
    });
    fake.room.open();
    await settled();
    await fake.room.send({ body: "who?" }).delivered;
    fake.server.mark("1", "bob", 1, "readSeq");
    await settled();
    expect(fake.states("1")).toEqual(["sent"]);
  });

  it("wait for everybody in a group", async () => {
    const fake = await ready(["ann", "bob", "cid"]);
    fake.room.open();
    await settled();
    await fake.room.send({ body: "all" }).delivered;
    fake.server.mark("1", "bob", 1, "readSeq");
    await settled();
    expect(fake.states("1")).toEqual(["sent"]);
    fake.server.mark("1", "cid", 1, "deliveredSeq");
    await settled();
    expect(fake.states("1")).toEqual(["delivered"]);
    fake.server.mark("1", "cid", 1, "readSeq");
    await settled();
    expect(fake.states("1")).toEqual(["read"]);
  });

  it("catch up with watermarks that were missed", async () => {
    const fake = await ready(["ann", "bob"], "direct");
    fake.room.open();
    await settled();
    await fake.room.send({ body: "one" }).delivered;
    fake.server.open()[0]?.drop();
    fake.server.mark("1", "bob", 1, "readSeq");
    await fake.clock.advance(5_000);
    expect(fake.states("1")).toEqual(["read"]);
  });

  it.each([
    ["a change", (server: FakeServer) => server.change("1", 2, { deletedAt: "2030-01-01T00:00:00.000Z" })],
    ["what was read on another device", (server: FakeServer) => server.mark("1", "ann", 2, "readSeq")],
  ])("asks for counts again when %s overtakes the answer", async (_what, overtake) => {
    const fake = await ready();
    for (const body of ["a", "b", "c"]) fake.say(body);
    await fake.clock.advance(500);
    const gate = Promise.withResolvers<void>();
    fake.server.summaryGate = gate.promise;
    fake.server.change("1", 1, { deletedAt: "2030-01-01T00:00:00.000Z" });
    await fake.clock.advance(500);
    overtake(fake.server);
    await settled();
    gate.resolve();
    await fake.clock.advance(1_000);
    expect(fake.item()?.unreadCount).toBe(1);
  });
});
