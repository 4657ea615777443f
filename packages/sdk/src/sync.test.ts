import { ChatError } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { fakeClient } from "./testing/fake-client.ts";
import { settled } from "./testing/fake-clock.ts";
import { drop, opened, pass } from "./testing/opened.ts";

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

  it("asks again for a list that it could not be told, when there is a conversation that it does not know", async () => {
    const fake = await opened();
    fake.server.addLog("2", ["ann", "bob"]);
    let refused = 0;
    fake.server.restFate = (path) =>
      path === "/v1/conversations" && refused++ === 0 ? new ChatError("unavailable") : null;
    fake.server.open()[0]?.send("head", { revisions: { 2: 1 } });
    await fake.clock.advance(5_000);
    expect(refused).toBe(2);
    expect(fake.chat.conversations.getSnapshot().items.map(({ id }) => id)).toEqual(["2", "1"]);
  });

  it("does not bring back what the person was put out of, with an answer from before", async () => {
    const fake = await opened();
    const log = fake.server.addLog("2", ["ann", "bob"]);
    const gate = Promise.withResolvers<void>();
    fake.server.summaryGate = gate.promise;
    fake.server.post("2", { senderId: "bob", body: "a" });
    await fake.clock.advance(300);
    log.members = log.members.filter(({ userId }) => userId !== "ann");
    fake.server.open()[0]?.send("conversation:removed", { conversationId: "2" });
    gate.resolve();
    await fake.clock.advance(2_000);
    expect(fake.chat.conversations.getSnapshot().items.map(({ id }) => id)).toEqual(["1"]);
  });

  it("knows that the newest message is not theirs to see, when it was hidden before this device heard of it", async () => {
    const fake = await opened();
    fake.say("a");
    drop(fake.server);
    fake.say("b");
    fake.server.hide("1", 2);
    pass(fake.server);
    fake.server.open()[0]?.send("head", { revisions: { 1: 2 } });
    await fake.clock.advance(500);
    const [item] = fake.chat.conversations.getSnapshot().items;
    expect(item).toMatchObject({ lastMessage: null, unreadCount: 1 });
  });

  it("asks for watermarks again when they were asked for while an answer was on its way", async () => {
    const fake = await opened();
    fake.server.duringSync = () => {
      fake.server.duringSync = () => {};
      fake.close();
      // The answer is made; what is marked from here on, nobody tells.
      queueMicrotask(() => {
        fake.room.open();
        drop(fake.server);
        fake.server.mark("1", "bob", 1, "readSeq");
      });
    };
    drop(fake.server);
    fake.say("a");
    pass(fake.server);
    fake.server.open()[0]?.send("head", { revisions: { 1: 1 } });
    await fake.clock.advance(2_000);
    expect(fake.room.details.getSnapshot()?.members[1]?.readSeq).toBe(1);
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

  it("takes the revision of an answer for no change of its own: it may be that of an edit", async () => {
    const fake = await opened();
    fake.say("a");
    drop(fake.server);
    fake.server.change("1", 1, { body: "edited" });
    await fake.room.rename("another name");
    pass(fake.server);
    await fake.clock.advance(500);
    expect(fake.bodies("1")).toEqual(["edited"]);
  });

  it("keeps quotes as the quoted message is now, whichever way its change arrives", async () => {
    const fake = await opened();
    const { id, seq, senderId, kind } = fake.say("a");
    const quoting = fake.say("b");
    fake.server.change("1", quoting.seq, { replyTo: { id, seq, senderId, kind, body: "a" } });
    const quote = () => fake.room.messages.getSnapshot().items.at(-1)?.replyTo?.body;
    fake.server.change("1", seq, { body: "edited" });
    expect(quote()).toBe("edited");
    drop(fake.server);
    fake.server.change("1", seq, { body: null, deletedAt: "2030-01-01T00:00:00.000Z" });
    pass(fake.server);
    fake.say("c");
    await fake.clock.advance(500);
    expect(fake.room.messages.getSnapshot().items.map(({ replyTo }) => replyTo?.body)).toEqual([
      undefined,
      null,
      undefined,
    ]);
  });

  it("puts an edit into the quotes of new messages, which an earlier page brought", async () => {
    const fake = await opened();
    const { id, seq, senderId, kind } = fake.say("a");
    drop(fake.server);
    const quoting = fake.say("b");
    fake.server.change("1", quoting.seq, { replyTo: { id, seq, senderId, kind, body: "a" } });
    fake.server.change("1", seq, { body: "edited" });
    pass(fake.server);
    fake.say("c");
    await fake.clock.advance(500);
    expect(fake.room.messages.getSnapshot().items[1]?.replyTo?.body).toBe("edited");
  });

  it("retries a sync that failed", async () => {
    const fake = await opened();
    let refusals = 3;
    fake.server.fate = (name) =>
      name === "conversation:sync" && refusals-- > 0 ? new ChatError("unavailable") : "ok";
    drop(fake.server);
    fake.say("a");
    pass(fake.server);
    fake.say("b");
    await fake.clock.advance(10_000);
    expect(fake.bodies("1")).toEqual(["a", "b"]);
  });
});
