import { ChatError } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { memoryOutboxStorage } from "./outbox-storage.ts";
import { fakeClient } from "./testing/fake-client.ts";
import type { Fate } from "./testing/fake-server.ts";

async function opened(options: Parameters<typeof fakeClient>[1] = {}) {
  const fake = fakeClient("ann", options);
  if (!fake.server.logs.has("1")) fake.server.addLog("1", ["ann", "bob"], "direct");
  const room = fake.chat.conversation("1");
  await fake.online();
  room.open();
  await fake.clock.advance(500);
  return { ...fake, room };
}
const keys = (fake: Awaited<ReturnType<typeof opened>>) =>
  fake.room.messages.getSnapshot().items.map((item) => item.key);

describe("outbox", () => {
  it("shows a message at once and keeps its row through the ack", async () => {
    const fake = await opened();
    const sent = fake.room.send({ body: "hello" });
    expect(fake.states("1")).toEqual(["queued"]);
    expect(keys(fake)).toEqual([sent.clientMessageId]);
    const message = await sent.delivered;
    expect(message.seq).toBe(1);
    expect(fake.states("1")).toEqual(["sent"]);
    expect(keys(fake)).toEqual([sent.clientMessageId]);
    expect(await fake.storage.list("ann")).toEqual([]);
  });

  it("queues while offline, without failing, and sends in order when back", async () => {
    const fake = await opened();
    fake.server.refusal = () => new ChatError("unavailable");
    fake.server.open()[0]?.drop();
    for (const body of ["a", "b", "c"]) fake.room.send({ body });
    await fake.clock.advance(60_000);
    expect(fake.states("1")).toEqual(["queued", "queued", "queued"]);
    expect(fake.server.log("1").messages).toEqual([]);
    fake.server.refusal = () => null;
    await fake.clock.advance(60_000);
    expect(fake.server.log("1").messages.map(({ body }) => body)).toEqual(["a", "b", "c"]);
    expect(fake.states("1")).toEqual(["sent", "sent", "sent"]);
  });

  it("waits out slow mode where it holds, and sends elsewhere meanwhile", async () => {
    const fake = await opened();
    fake.server.addLog("2", ["ann", "bob"]);
    fake.server.fate = (name, { conversationId }) =>
      name === "message:send" && conversationId === "1"
        ? new ChatError("rate_limited", { reason: "slow_mode", retryAfterMs: 30_000 })
        : "ok";
    fake.room.send({ body: "slow" });
    await fake.clock.advance(1_000);
    await fake.chat.conversation("2").send({ body: "at once" }).delivered;
    expect(fake.states("1")).toEqual(["queued"]);
    fake.server.fate = () => "ok";
    await fake.clock.advance(40_000);
    expect(fake.states("1")).toEqual(["sent"]);
  });

  it("has one message in flight per conversation", async () => {
    const fake = await opened();
    fake.server.fate = () => "lost";
    fake.room.send({ body: "a" });
    fake.room.send({ body: "b" });
    await fake.clock.advance(5_000);
    expect(fake.server.sent("message:send")).toHaveLength(1);
    expect(fake.states("1")).toEqual(["sending", "queued"]);
  });

  it.each(["lost", "deaf"] as const)("sends again with the same id when the ack is %s", async (fate) => {
    const fake = await opened();
    fake.server.onFrame = () => {};
    const fates: Fate[] = [fate];
    fake.server.fate = (name) => (name === "message:send" ? (fates.shift() ?? "ok") : "ok");
    fake.room.send({ body: "once" });
    await fake.clock.advance(9_000);
    expect(fake.server.sent("message:send")).toHaveLength(1);
    await fake.clock.advance(4_000);
    const ids = fake.server.sent("message:send").map((payload) => payload.clientMessageId);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
    expect(fake.server.log("1").messages).toHaveLength(1);
    expect(fake.states("1")).toEqual(["sent"]);
  });

  it("fails what is refused for good, and retries or discards it on request", async () => {
    const fake = await opened();
    const fates: Fate[] = [new ChatError("forbidden"), new ChatError("too_large")];
    fake.server.fate = (name) => (name === "message:send" ? (fates.shift() ?? "ok") : "ok");
    const first = fake.room.send({ body: "first" });
    const second = fake.room.send({ body: "second" });
    const third = fake.room.send({ body: "third" });
    await expect(first.delivered).rejects.toMatchObject({ code: "forbidden" });
    await third.delivered;
    expect(fake.bodies("1")).toEqual(["third", "first", "second"]);
    expect(fake.states("1")).toEqual(["sent", "failed", "failed"]);
    expect(fake.chat.outbox.getSnapshot()).toMatchObject([
      { error: { code: "forbidden" } },
      { state: "failed" },
    ]);
    fake.room.discard(second.clientMessageId);
    fake.room.retry(first.clientMessageId);
    await fake.clock.advance(100);
    expect(fake.bodies("1")).toEqual(["third", "first"]);
    expect(fake.states("1")).toEqual(["sent", "sent"]);
    expect(await fake.storage.list("ann")).toEqual([]);
  });

  it("waits as long as the limit asks, and stays queued", async () => {
    const fake = await opened();
    const fates: Fate[] = [new ChatError("rate_limited", { retryAfterMs: 5_000 })];
    fake.server.fate = (name) => (name === "message:send" ? (fates.shift() ?? "ok") : "ok");
    fake.room.send({ body: "slow down" });
    await fake.clock.advance(4_900);
    expect(fake.states("1")).toEqual(["queued"]);
    expect(fake.server.sent("message:send")).toHaveLength(1);
    await fake.clock.advance(1_200);
    expect(fake.states("1")).toEqual(["sent"]);
  });

  it("survives a reload, in order, and not for another person", async () => {
    const storage = memoryOutboxStorage();
    const before = await opened({ storage });
    before.server.fate = () => "lost";
    for (const body of ["a", "b", "c"]) before.room.send({ body });
    await before.clock.advance(100);
    await before.chat.disconnect();
    const { server } = before;
    server.fate = () => "ok";
    const stranger = fakeClient("bob", { storage, server });
    await stranger.online();
    expect(stranger.chat.outbox.getSnapshot()).toEqual([]);
    const after = await opened({ storage, server });
    await after.clock.advance(1_000);
    expect(server.log("1").messages.map(({ body, senderId }) => `${senderId} ${body}`)).toEqual([
      "ann a",
      "ann b",
      "ann c",
    ]);
    expect(after.states("1")).toEqual(["sent", "sent", "sent"]);
    expect(await storage.list("ann")).toEqual([]);
  });

  it("does not send what another tab has discarded", async () => {
    const fake = await opened();
    fake.server.open()[0]?.drop();
    const sent = fake.room.send({ body: "gone" });
    await fake.storage.remove("ann", sent.clientMessageId);
    await fake.clock.advance(5_000);
    expect(fake.server.sent("message:send")).toEqual([]);
    expect(fake.bodies("1")).toEqual([]);
  });

  it("keeps the row of an acknowledged message in sight while a gap before it is closed", async () => {
    const fake = await opened();
    fake.server.onFrame = () => {};
    fake.server.post("1", { senderId: "bob", body: "lost" });
    const sent = fake.room.send({ body: "mine" });
    await sent.delivered;
    expect(fake.bodies("1")).toEqual(["mine"]);
    expect(fake.states("1")).toEqual(["sent"]);
    await fake.clock.advance(500);
    expect(fake.bodies("1")).toEqual(["lost", "mine"]);
    expect(keys(fake)[1]).toBe(sent.clientMessageId);
  });

  it("shows a message once that history has and the outbox still waits for", async () => {
    const fake = fakeClient();
    fake.server.addLog("1", ["ann", "bob"], "direct");
    await fake.online();
    fake.server.onFrame = () => {};
    fake.server.fate = () => "deaf";
    const room = fake.chat.conversation("1");
    const sent = room.send({ body: "once" });
    await fake.clock.advance(1_000);
    room.open();
    await sent.delivered;
    expect(fake.states("1")).toEqual(["sent"]);
    expect(fake.chat.outbox.getSnapshot()).toEqual([]);
  });

  it("restores the order in which messages were written, whatever the store does", async () => {
    const storage = memoryOutboxStorage();
    const list = storage.list;
    storage.list = async (userId) => (await list(userId)).reverse();
    const queuedAtMs = Date.UTC(2029, 0, 1);
    for (const [n, body] of ["a", "b", "c"].entries()) {
      const clientMessageId = `00000000-0000-4000-8000-00000000000${n}`;
      await storage.put("ann", {
        clientMessageId,
        conversationId: "1",
        input: { body },
        queuedAtMs: queuedAtMs + n,
      });
    }
    const fake = await opened({ storage });
    await fake.clock.advance(1_000);
    expect(fake.server.log("1").messages.map(({ body }) => body)).toEqual(["a", "b", "c"]);
  });
});
