import type { Message } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { fakeClient } from "./testing/fake-client.ts";
import { seededRandom, settled } from "./testing/fake-clock.ts";
import type { FakeServer } from "./testing/fake-server.ts";
import type { Discontinuity } from "./types.ts";

async function opened(prepare: (server: FakeServer) => void = () => {}) {
  const fake = fakeClient();
  fake.server.addLog("1", ["ann", "bob"]);
  prepare(fake.server);
  await fake.online();
  const room = fake.chat.conversation("1");
  const created: number[] = [];
  const updated: number[] = [];
  fake.chat.on("message:updated", (message) => updated.push(message.seq));
  const gaps: Discontinuity[] = [];
  fake.chat.on("message:created", (message) => created.push(message.seq));
  fake.chat.on("discontinuity", (gap) => gaps.push(gap));
  const close = room.open();
  await fake.clock.advance(200);
  const seqs = () => room.messages.getSnapshot().items.map((item) => item.seq);
  const say = (body: string) => fake.server.post("1", { senderId: "bob", body });
  return { ...fake, room, created, updated, gaps, seqs, say, close };
}
const drop = (server: FakeServer) => {
  server.onFrame = () => {};
};
const pass = (server: FakeServer) => {
  server.onFrame = (_name, _payload, deliver) => deliver();
};

describe("sync", () => {
  it("applies what arrives in order without asking", async () => {
    const fake = await opened();
    for (const body of ["a", "b", "c"]) fake.say(body);
    await fake.clock.advance(1_000);
    expect(fake.bodies("1")).toEqual(["a", "b", "c"]);
    expect(fake.created).toEqual([1, 2, 3]);
    expect(fake.server.sent("conversation:sync")).toEqual([]);
  });

  it("puts frames that overtook each other in order, without asking", async () => {
    const fake = await opened();
    const late: (() => void)[] = [];
    fake.server.onFrame = (_name, _payload, deliver) => void late.unshift(deliver);
    for (const body of ["a", "b", "c"]) fake.say(body);
    late[0]?.();
    await settled();
    expect(fake.bodies("1")).toEqual([]);
    late[1]?.();
    late[2]?.();
    late[2]?.();
    await fake.clock.advance(1_000);
    expect(fake.bodies("1")).toEqual(["a", "b", "c"]);
    expect(fake.created).toEqual([1, 2, 3]);
    expect(fake.server.sent("conversation:sync")).toEqual([]);
  });

  it("closes a gap in place and says so", async () => {
    const fake = await opened();
    fake.say("a");
    drop(fake.server);
    fake.say("b");
    fake.server.change("1", 1, { body: "a!" });
    pass(fake.server);
    fake.say("c");
    await settled();
    expect(fake.bodies("1")).toEqual(["a"]);
    await fake.clock.advance(200);
    expect(fake.bodies("1")).toEqual(["a!", "b", "c"]);
    expect(fake.created).toEqual([1, 2, 3]);
    expect(fake.gaps).toEqual([{ conversationId: "1", fromRevision: 1, toRevision: 4, healed: true }]);
    expect(fake.server.sent("conversation:sync")).toEqual([{ cursors: { 1: 1 } }]);
  });

  it("finds a lost last message by a head frame, and by itself within a minute", async () => {
    const fake = await opened();
    drop(fake.server);
    fake.say("lost");
    await fake.clock.advance(1_000);
    expect(fake.bodies("1")).toEqual([]);
    fake.server.open()[0]?.send("head", { revisions: { 1: 1 } });
    await fake.clock.advance(200);
    expect(fake.bodies("1")).toEqual(["lost"]);
    fake.say("lost too");
    await fake.clock.advance(60_500);
    expect(fake.bodies("1")).toEqual(["lost", "lost too"]);
    fake.say("again");
    await fake.clock.advance(60_500);
    expect(fake.bodies("1")).toEqual(["lost", "lost too", "again"]);
  });

  it("asks for heads when the window comes back into view", async () => {
    const fake = await opened();
    await fake.clock.advance(10_000);
    drop(fake.server);
    fake.say("lost");
    fake.setActive(false);
    await fake.clock.advance(120_000);
    expect(fake.bodies("1")).toEqual([]);
    fake.setActive(true);
    await fake.clock.advance(500);
    expect(fake.bodies("1")).toEqual(["lost"]);
  });

  it("is exact again after an absence, through as many pages as it takes", async () => {
    const fake = await opened((server) => {
      server.pageSize = 7;
    });
    fake.say("first");
    await fake.clock.advance(100);
    fake.server.open()[0]?.drop();
    for (let n = 0; n < 40; n++) fake.say(`missed ${n}`);
    fake.server.change("1", 1, { body: "edited" });
    fake.server.change("1", 5, { body: null, deletedAt: "2030-01-01T00:00:00.000Z" });
    await fake.clock.advance(3_000);
    expect(fake.seqs()).toEqual(Array.from({ length: 41 }, (_, index) => index + 1));
    expect(fake.bodies("1")).toEqual(fake.server.log("1").messages.map(({ body }) => body));
    expect(fake.created).toEqual(fake.seqs());
  });

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

  it.each([true, false])(
    "loses nothing that is said while a sync is being answered (behind: %s)",
    async (behind) => {
      const fake = await opened();
      if (behind) drop(fake.server);
      fake.say("a");
      const late: (() => void)[] = [];
      fake.server.onFrame = (_name, _payload, deliver) => void late.push(deliver);
      fake.server.duringSync = () => {
        fake.server.duringSync = () => {};
        fake.say("b");
      };
      // Also when nothing is behind, watermarks are looked at again.
      fake.server.open()[0]?.send("head", { revisions: { 1: 1 } });
      await fake.clock.advance(160);
      late[0]?.();
      await fake.clock.advance(1_000);
      expect(fake.bodies("1")).toEqual(["a", "b"]);
      expect(fake.created).toEqual([1, 2]);
      expect(fake.updated).toEqual([]);
    },
  );

  it("believes the server when a head promised more than there is", async () => {
    const fake = await opened();
    fake.say("a");
    fake.server.open()[0]?.send("head", { revisions: { 1: 99 } });
    await fake.clock.advance(5_000);
    expect(fake.server.sent("conversation:sync")).toHaveLength(1);
    fake.say("b");
    await settled();
    expect(fake.bodies("1")).toEqual(["a", "b"]);
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

  it("hides what was deleted for oneself on another device", async () => {
    const fake = await opened();
    const message = fake.say("shy");
    fake.say("plain");
    await settled();
    expect(fake.chat.conversations.getSnapshot().items[0]?.unreadCount).toBe(2);
    const tombstone = { ...message, body: null, deletedAt: "2030-01-01T00:00:00.000Z" };
    fake.server.open()[0]?.send("message:updated", tombstone);
    await settled();
    expect(fake.bodies("1")).toEqual(["plain"]);
    expect(fake.chat.conversations.getSnapshot().items[0]?.unreadCount).toBe(1);
    fake.say("more");
    await settled();
    expect(fake.bodies("1")).toEqual(["plain", "more"]);
  });

  it("refreshes the list item of a conversation that is not loaded", async () => {
    const fake = fakeClient();
    fake.server.addLog("1", ["ann", "bob"]);
    await fake.online();
    drop(fake.server);
    fake.server.post("1", { senderId: "bob", body: "lost" });
    pass(fake.server);
    fake.server.post("1", { senderId: "bob", body: "seen", mentions: ["ann"] });
    await fake.clock.advance(500);
    expect(fake.chat.conversations.getSnapshot().items).toMatchObject([
      { lastMessage: { body: "seen" }, unreadCount: 2, mentionCount: 1 },
    ]);
    expect(fake.server.sent("conversation:sync")).toEqual([]);
  });

  it("lists a new conversation, and drops one that was left", async () => {
    const fake = fakeClient();
    await fake.online();
    fake.server.addLog("7", ["ann", "bob"]);
    fake.server.post("7", { senderId: "bob", body: "welcome" });
    await fake.clock.advance(500);
    expect(fake.chat.conversations.getSnapshot().items).toMatchObject([{ id: "7", unreadCount: 1 }]);
    fake.server.open()[0]?.send("conversation:removed", { conversationId: "7" });
    expect(fake.chat.conversations.getSnapshot().items).toEqual([]);
    fake.server.addLog("8", ["ann", "bob"]);
    fake.server.open()[0]?.drop();
    await fake.clock.advance(3_000);
    expect(
      fake.chat.conversations
        .getSnapshot()
        .items.map(({ id }) => id)
        .sort(),
    ).toEqual(["7", "8"]);
    fake.server.logs.delete("8");
    fake.server.open()[0]?.drop();
    await fake.clock.advance(5_000);
    expect(fake.chat.conversations.getSnapshot().items.map(({ id }) => id)).toEqual(["7"]);
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

  it("retries a sync that failed", async () => {
    const fake = await opened();
    let refusals = 3;
    const { ChatError } = await import("@confab/contract");
    fake.server.fate = (name) =>
      name === "conversation:sync" && refusals-- > 0 ? new ChatError("unavailable") : "ok";
    drop(fake.server);
    fake.say("a");
    pass(fake.server);
    fake.say("b");
    await fake.clock.advance(10_000);
    expect(fake.bodies("1")).toEqual(["a", "b"]);
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

  it.each(Array.from({ length: 40 }, (_, index) => index + 1))(
    "converges on the server's history whatever the network does (seed %i)",
    async (seed) => {
      const random = seededRandom(seed);
      const fake = await opened((server) => {
        server.pageSize = 3;
      });
      const { server, room } = fake;
      const late: (() => void)[] = [];
      server.onFrame = (_name, _payload, deliver) => {
        const dice = random();
        if (dice < 0.2) return;
        if (dice < 0.35) late.push(deliver);
        else deliver();
        if (dice > 0.9) deliver();
      };
      server.fate = (name) =>
        name === "message:send" && random() < 0.2 ? (random() < 0.5 ? "lost" : "deaf") : "ok";
      server.duringSync = () => {
        if (random() < 0.3) fake.say("meanwhile");
      };
      const seen: number[] = [];
      room.messages.subscribe(() => {
        const seqs = room.messages
          .getSnapshot()
          .items.flatMap(({ seq, mine }) => (mine || seq === null ? [] : [seq]));
        seen.push(...seqs.filter((seq, index) => index > 0 && seq <= (seqs[index - 1] as number)));
      });
      for (let step = 0; step < 60; step++) {
        const dice = random();
        const { messages } = server.log("1");
        if (dice < 0.45) fake.say(`bob ${step}`);
        else if (dice < 0.65) room.send({ body: `ann ${step}` });
        else if (dice < 0.85 && messages.length > 0) {
          server.change("1", 1 + Math.floor(random() * messages.length), { body: `edit ${step}` });
        } else if (dice < 0.9) server.open()[0]?.drop();
        for (const deliver of late.splice(0, Math.floor(random() * 3))) deliver();
        await fake.clock.advance(Math.floor(random() * 400));
      }
      for (const deliver of late) deliver();
      await fake.clock.advance(200_000);
      const truth = server.log("1").messages;
      const shown = room.messages.getSnapshot().items;
      const pick = ({
        seq,
        revision,
        body,
      }: Pick<Message, "revision" | "body"> & { seq: number | null }) => ({
        seq,
        revision,
        body,
      });
      expect(shown.map(pick)).toEqual(truth.map(pick));
      expect(seen).toEqual([]);
      expect(fake.created).toEqual([...new Set(fake.created)].sort((one, other) => one - other));
      expect(fake.created).toEqual(truth.map(({ seq }) => seq));
      expect(fake.chat.outbox.getSnapshot()).toEqual([]);
    },
  );
});
