import { ChatError } from "@confab/contract";
import { describe, expect, it, vi } from "vitest";
import { fakeClient } from "./testing/fake-client.ts";

const state = (fake: ReturnType<typeof fakeClient>) => fake.chat.connection.getSnapshot().state;

describe("connection", () => {
  it("goes online and says who it is, with protocol and activity in the handshake", async () => {
    const fake = fakeClient();
    expect(state(fake)).toBe("idle");
    fake.chat.connect();
    expect(state(fake)).toBe("connecting");
    await fake.clock.advance(10);
    expect(state(fake)).toBe("online");
    expect(fake.server.sockets[0]?.auth).toEqual({ token: "ann#1", protocol: 1, active: true });
    expect(fake.chat.me.getSnapshot()?.id).toBe("ann");
  });

  it("keeps one connection through a StrictMode mount, and leaves after the last release", async () => {
    const fake = fakeClient();
    const first = fake.chat.connect();
    first();
    const second = fake.chat.connect();
    const third = fake.chat.connect();
    await fake.clock.advance(1_000);
    second();
    second();
    await fake.clock.advance(1_000);
    expect(state(fake)).toBe("online");
    expect(fake.server.sockets).toHaveLength(1);
    third();
    await fake.clock.advance(1_000);
    expect(state(fake)).toBe("idle");
    expect(fake.server.open()).toEqual([]);
  });

  it("disconnects whoever holds, and connects again", async () => {
    const fake = fakeClient();
    await fake.online();
    await fake.chat.disconnect();
    expect(state(fake)).toBe("idle");
    expect(fake.server.open()).toEqual([]);
    await fake.clock.advance(120_000);
    expect(fake.server.sockets).toHaveLength(1);
    await fake.online();
    expect(state(fake)).toBe("online");
  });

  it("leaves within 2 s on a network that is stuck", async () => {
    const fake = fakeClient();
    const { openTransport } = fake.server;
    const stuck = fakeClient("ann", {
      transport: (request) => ({ ...openTransport(request), close: () => new Promise(() => {}) }),
    });
    await stuck.online();
    const left = stuck.chat.disconnect();
    await stuck.clock.advance(2_100);
    await left;
    expect(state(stuck)).toBe("idle");
  });

  it("ignores the token that arrives after a disconnect", async () => {
    const fake = fakeClient();
    fake.chat.connect();
    await fake.chat.disconnect();
    await fake.clock.advance(1_000);
    expect(fake.server.sockets).toEqual([]);
    expect(state(fake)).toBe("idle");
  });

  it("tries again without limit, quickly at first, never more than 30 s apart", async () => {
    const fake = fakeClient("ann", { random: () => 0.999 });
    await fake.online();
    await fake.clock.advance(20_000);
    const startedAt = fake.clock.now();
    const attemptsMs: number[] = [];
    fake.server.refusal = () => {
      attemptsMs.push(fake.clock.now() - startedAt);
      return new ChatError("unavailable");
    };
    fake.server.open()[0]?.drop();
    expect(state(fake)).toBe("reconnecting");
    await fake.clock.advance(600_000);
    const pauses = attemptsMs.map((at, index) => Math.round((at - (attemptsMs[index - 1] ?? 0)) / 100) / 10);
    expect(pauses.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 30, 30]);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(30);
    expect(pauses.length).toBeGreaterThan(20);
    fake.server.refusal = () => null;
    await fake.clock.advance(31_000);
    expect(state(fake)).toBe("online");
  });

  it("is quick again after a good connection, and slower after short ones", async () => {
    const fake = fakeClient("ann", { random: () => 0.999 });
    let refusals = 4;
    fake.server.refusal = () => (refusals-- > 0 ? new ChatError("unavailable") : null);
    fake.chat.connect();
    await fake.clock.advance(60_000);
    const pauseMs = () => (fake.chat.connection.getSnapshot().retryAtMs ?? 0) - fake.clock.now();
    fake.server.open()[0]?.drop();
    expect(pauseMs()).toBeLessThanOrEqual(1_000);
    await fake.clock.advance(1_100);
    fake.server.open()[0]?.drop();
    expect(pauseMs()).toBeGreaterThan(1_900);
    await fake.clock.advance(2_100);
    fake.server.open()[0]?.drop();
    expect(pauseMs()).toBeGreaterThan(3_900);
  });

  it("tries at once when asked to connect while it waits", async () => {
    const fake = fakeClient("ann", { random: () => 0.999 });
    fake.server.refusal = () => new ChatError("unavailable");
    fake.chat.connect();
    await fake.clock.advance(20_000);
    const tried = fake.server.sockets.length;
    fake.server.refusal = () => null;
    fake.chat.connect()();
    await fake.clock.advance(100);
    expect(state(fake)).toBe("online");
    await fake.clock.advance(60_000);
    expect(fake.server.sockets).toHaveLength(tried + 1);
  });

  it("waits as long as a refusal asks", async () => {
    const fake = fakeClient("ann", { random: () => 0 });
    fake.server.refusal = () => new ChatError("rate_limited", { retryAfterMs: 20_000 });
    fake.chat.connect();
    await fake.clock.advance(19_000);
    fake.chat.connect();
    expect(fake.server.sockets).toHaveLength(1);
    expect(fake.chat.connection.getSnapshot().retryAtMs).toBeGreaterThan(fake.clock.now());
    await fake.clock.advance(1_100);
    expect(fake.server.sockets).toHaveLength(2);
  });

  it("asks for another token once when refused, then stops as unauthorized", async () => {
    const getToken = vi.fn(({ reason }: { reason: string }) =>
      reason === "connect" ? "ann#old" : "ann#new",
    );
    const fake = fakeClient("ann", { getToken });
    fake.server.refusal = ({ token }) => (token === "ann#new" ? null : new ChatError("unauthenticated"));
    await fake.online();
    expect(state(fake)).toBe("online");
    expect(getToken.mock.calls.map(([{ reason }]) => reason)).toEqual(["connect", "rejected"]);

    fake.server.refusal = () => new ChatError("unauthenticated", { reason: "token_revoked" });
    fake.server.open()[0]?.drop();
    await fake.clock.advance(300_000);
    expect(fake.chat.connection.getSnapshot()).toMatchObject({
      state: "unauthorized",
      error: { reason: "token_revoked" },
    });
    expect(fake.server.sockets).toHaveLength(4);
  });

  it("is unauthorized when the host product has no token, and recovers on connect", async () => {
    let token = "";
    const fake = fakeClient("ann", { getToken: () => token });
    await fake.online();
    expect(state(fake)).toBe("unauthorized");
    token = "ann#1";
    await fake.online();
    expect(state(fake)).toBe("online");
  });

  it("tries again when the token endpoint fails or hangs", async () => {
    let calls = 0;
    const fake = fakeClient("ann", {
      getToken: () => {
        calls += 1;
        if (calls === 1) throw new TypeError("fetch failed");
        return calls === 2 ? new Promise(() => {}) : "ann#1";
      },
    });
    fake.chat.connect();
    await fake.clock.advance(40_000);
    expect(calls).toBe(3);
    expect(state(fake)).toBe("online");
  });

  it("closes for good when the server will never accept it", async () => {
    const fake = fakeClient();
    fake.server.refusal = () => new ChatError("unsupported_version");
    await fake.online();
    await fake.clock.advance(120_000);
    expect(fake.chat.connection.getSnapshot()).toMatchObject({
      state: "closed",
      error: { code: "unsupported_version" },
    });
    expect(fake.server.sockets).toHaveLength(1);
  });

  it("moves on when the server drains: after the time it names, at once, and not before", async () => {
    const fake = fakeClient("ann", { random: () => 0 });
    await fake.online();
    fake.server.open()[0]?.send("server:draining", { reconnectInMs: 4_000 });
    await fake.clock.advance(3_900);
    expect(fake.server.sockets).toHaveLength(1);
    await fake.clock.advance(200);
    expect(fake.server.sockets).toHaveLength(2);
    expect(state(fake)).toBe("online");

    fake.server.open()[0]?.send("server:draining", { reconnectInMs: 4_000 });
    fake.server.open()[0]?.drop();
    await fake.clock.advance(3_900);
    expect(fake.server.sockets).toHaveLength(2);
    await fake.clock.advance(200);
    expect(state(fake)).toBe("online");
  });

  it("swaps an expiring token in place, and tries again when that fails", async () => {
    const getToken = vi.fn(({ reason }: { reason: string }) => `ann#${reason}`);
    const fake = fakeClient("ann", { getToken });
    await fake.online();
    let isFirst = true;
    fake.server.fate = (name) => {
      if (name !== "auth:refresh" || !isFirst) return "ok";
      isFirst = false;
      return new ChatError("unavailable");
    };
    fake.server.open()[0]?.send("auth:expiring", { expiresAt: "" });
    await fake.clock.advance(5_000);
    expect(fake.server.sent("auth:refresh")).toEqual([{ token: "ann#expiring" }, { token: "ann#expiring" }]);
    expect(fake.server.sockets).toHaveLength(1);
  });

  it("gives up a connection that is never ready", async () => {
    const fake = fakeClient();
    const { openTransport } = fake.server;
    const silent = fakeClient("ann", {
      server: fake.server,
      transport: (request) =>
        fake.server.sockets.length === 0
          ? openTransport({ ...request, handlers: { ...request.handlers, onEvent: () => {} } })
          : openTransport(request),
    });
    silent.chat.connect();
    await silent.clock.advance(14_900);
    expect(silent.server.sockets).toHaveLength(1);
    await silent.clock.advance(1_500);
    expect(silent.chat.connection.getSnapshot().state).toBe("online");
  });

  it("fails requests that nobody answers within 10 s, and those of a lost connection at once", async () => {
    const fake = fakeClient();
    fake.server.addLog("1", ["ann", "bob"]);
    await fake.online();
    fake.server.fate = (name) => (name === "message:pin" ? "lost" : "ok");
    const late = fake.chat.conversation("1").pin("5");
    const outcome = expect(late).rejects.toMatchObject({ code: "timeout" });
    await fake.clock.advance(10_100);
    await outcome;
    const cut = expect(fake.chat.conversation("1").pin("5")).rejects.toMatchObject({ code: "unavailable" });
    fake.server.open()[0]?.drop();
    await cut;
    await expect(fake.chat.conversation("1").pin("5")).rejects.toMatchObject({ reason: "offline" });
  });

  it("replaces a token that REST refuses, once for all requests", async () => {
    const getToken = vi.fn(({ reason }: { reason: string }) => `ann#${reason}`);
    const fake = fakeClient("ann", { getToken });
    fake.server.restFate = (_path, token) =>
      token === "ann#connect" ? new ChatError("unauthenticated") : null;
    await fake.online();
    expect(fake.chat.me.getSnapshot()?.id).toBe("ann");
    expect(fake.chat.conversations.getSnapshot().status).toBe("ready");
    expect(getToken.mock.calls.map(([{ reason }]) => reason)).toEqual(["connect", "rejected"]);
  });
});
