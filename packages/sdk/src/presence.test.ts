import type { Presence } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { fakeClient } from "./testing/fake-client.ts";

const presence = (userId: string, status: Presence["status"]): Presence => ({
  userId,
  status,
  lastSeenAt: null,
  custom: null,
});

describe("presence", () => {
  it("watches each person once for all watchers, and again after a reconnect", async () => {
    const fake = fakeClient();
    fake.server.presences.set("bob", presence("bob", "online"));
    const stop = fake.chat.presence.watch(["bob", "cid"]);
    const stopAgain = fake.chat.presence.watch(["bob"]);
    expect(fake.chat.presence.of("bob").getSnapshot()).toBeNull();
    await fake.online();
    expect(fake.server.sent("presence:watch")).toEqual([{ userIds: ["bob", "cid"] }]);
    expect(fake.chat.presence.of("bob").getSnapshot()?.status).toBe("online");
    expect(fake.chat.presence.of("cid").getSnapshot()).toBeNull();
    fake.server.open()[0]?.send("presence:changed", { presences: [presence("bob", "offline")] });
    expect(fake.chat.presence.of("bob").getSnapshot()?.status).toBe("offline");
    fake.server.open()[0]?.drop();
    await fake.clock.advance(3_000);
    expect(fake.server.sent("presence:watch")).toHaveLength(2);
    expect(fake.chat.presence.of("bob").getSnapshot()?.status).toBe("online");
    stop();
    stop();
    await fake.clock.advance(10_000);
    expect(fake.server.sent("presence:unwatch")).toEqual([{ userIds: ["cid"] }]);
    stopAgain();
    await fake.clock.advance(10_000);
    expect(fake.server.sent("presence:unwatch")).toHaveLength(2);
  });

  it("asks for many in batches", async () => {
    const fake = fakeClient();
    fake.chat.presence.watch(Array.from({ length: 450 }, (_, n) => `u${n}`));
    await fake.online();
    expect(fake.server.sent("presence:watch").map(({ userIds }) => (userIds as string[]).length)).toEqual([
      200, 200, 50,
    ]);
  });

  it("looks again for those who do not let themselves be seen, once a minute", async () => {
    const fake = fakeClient();
    fake.server.presences.set("bob", presence("bob", "idle"));
    fake.chat.presence.watch(["bob", "cid"]);
    await fake.online();
    await fake.clock.advance(59_000);
    expect(fake.server.sent("presence:watch")).toHaveLength(1);
    fake.server.presences.set("cid", presence("cid", "online"));
    await fake.clock.advance(2_000);
    expect(fake.server.sent("presence:watch")[1]).toEqual({ userIds: ["cid"] });
    expect(fake.chat.presence.of("cid").getSnapshot()?.status).toBe("online");
    // Bob hides, and is back after a while.
    fake.server.open()[0]?.send("presence:changed", { presences: [presence("bob", "offline")] });
    await fake.clock.advance(61_000);
    expect(fake.server.sent("presence:watch")[2]).toEqual({ userIds: ["bob"] });
    expect(fake.chat.presence.of("bob").getSnapshot()?.status).toBe("idle");
    await fake.clock.advance(120_000);
    expect(fake.server.sent("presence:watch")).toHaveLength(3);
  });
});

describe("activity", () => {
  it("is told by the handshake, then with the conversation on screen, once per change", async () => {
    const fake = fakeClient();
    fake.server.addLog("1", ["ann", "bob"]);
    fake.setActive(false);
    await fake.online();
    expect(fake.server.sockets[0]?.auth.active).toBe(false);
    expect(fake.server.sent("activity:set")).toEqual([]);
    fake.setActive(true);
    const close = fake.chat.conversation("1").open();
    await fake.clock.advance(500);
    expect(fake.server.sent("activity:set")).toEqual([{ active: true, conversationId: "1" }]);
    close();
    await fake.clock.advance(500);
    expect(fake.server.sent("activity:set").at(-1)).toEqual({ active: true, conversationId: null });
    fake.chat.conversation("1").open();
    await fake.clock.advance(500);
    fake.setActive(false);
    await fake.clock.advance(500);
    fake.server.open()[0]?.drop();
    await fake.clock.advance(5_000);
    expect(fake.server.sockets.at(-1)?.auth.active).toBe(false);
    expect(fake.server.sent("activity:set").at(-1)).toEqual({ active: false, conversationId: "1" });
  });
});
