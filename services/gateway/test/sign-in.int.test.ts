import { IncomingMessage } from "node:http";
import { queryObjects } from "node:v8";
import { createManualClock, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type Place } from "./harness.ts";

describe("signing in", () => {
  let place: Place;
  let url: string;
  beforeAll(async () => {
    place = await createPlace();
    url = (await place.start()).url;
  });
  afterAll(() => place[Symbol.asyncDispose]());

  it("says ready with the heads, and asks the message service once", async () => {
    place.services.personOf("ada").revisions = { "7": 12 };
    const before = place.services.openSessions.length;
    const ada = await place.connect(url, "ada");
    const ready = await ada.next("ready");
    expect(ready).toMatchObject({ userId: "ada", connectionId: ada.socket.id, hasMore: false });
    expect(ready.heads).toEqual([
      { conversationId: "7", revision: 12, lastSeq: 12, deliveredSeq: 0, readSeq: 0 },
    ]);
    expect(place.services.openSessions.slice(before)).toEqual([
      { userId: "ada", sessionId: "session", name: "Name of ada" },
    ]);
  });

  it.each([
    ["no token", {}, "unauthenticated", "token_missing"],
    ["a token that is none", { token: "nonsense" }, "unauthenticated", "token_invalid"],
    ["another protocol", { token: "x", protocol: 2 }, "unsupported_version", "unsupported_version"],
    ["an unknown dialect", { token: "x", dialect: "klingon" }, "invalid", "unknown_dialect"],
    ["an auth of the wrong shape", { token: 5 }, "invalid", "invalid:auth"],
  ])("refuses %s", async (_what, auth, code, reason) => {
    expect(await place.refusal(url, auth)).toEqual({ code, reason });
  });

  it("refuses tokens that are late, of somebody else's key, or for somebody else", async () => {
    const late = await place.sign("ada", { expiresInSeconds: -60 });
    expect(await place.refusal(url, { token: late })).toMatchObject({ reason: "token_expired" });
    const foreign = await place.signForeign("ada");
    expect(await place.refusal(url, { token: foreign })).toMatchObject({ reason: "token_invalid" });
    const other = await place.sign("ada", { audience: "another" });
    expect(await place.refusal(url, { token: other })).toMatchObject({ reason: "token_invalid" });
  });

  it("refuses a session that has ended, as the message service says", async () => {
    place.services.endedSessions.add("ended");
    const token = await place.sign("ada", { sessionId: "ended" });
    expect(await place.refusal(url, { token })).toEqual({ code: "unauthenticated", reason: "session_ended" });
  });

  it("says unavailable and when to come back while the message service is away", async () => {
    place.services.down.add("/internal/sessions");
    const refusal = await place.refusal(url, { token: await place.sign("ada") });
    place.services.down.clear();
    expect(refusal).toMatchObject({ code: "unavailable", reason: "down" });
    expect(refusal.retryAfterMs).toBeGreaterThanOrEqual(1000);
  });

  it("keeps nothing of the request that a connection began with", async () => {
    const requests = () => queryObjects(IncomingMessage, { format: "count" });
    const before = requests();
    const url = (await place.start({ GATEWAY_DIALECTS: "none" })).url;
    const sockets = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => (await place.connect(url, `holder${index}`)).socket),
    );
    // Those of the clients, and of calls between services, come and go.
    await until(() => requests() - before < 10, { describe: "requests are forgotten" });
    expect(sockets.every((socket) => socket.connected)).toBe(true);
  });

  it("closes a connection that signs in twice at once", async () => {
    const before = place.services.openSessions.length;
    const auth = JSON.stringify({ token: await place.sign("twice"), protocol: 1 });
    const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    socket.addEventListener("message", ({ data }) => {
      if (String(data).startsWith("0")) for (let n = 0; n < 5; n++) socket.send(`40${auth}`);
    });
    await closed;
    expect(place.services.openSessions.length - before).toBeLessThanOrEqual(1);
  });

  it("ends the sockets of a session that was revoked, on every gateway, and no others", async () => {
    const { url: second } = await place.start();
    const phone = await place.connect(url, "rhea", { token: { sessionId: "phone" } });
    const tablet = await place.connect(second, "rhea", { token: { sessionId: "phone" } });
    const laptop = await place.connect(second, "rhea", { token: { sessionId: "laptop" } });
    place.fanout.revokeSession({ userId: "rhea", sessionId: "phone" });
    expect(await phone.ended()).toBe("io server disconnect");
    expect(await tablet.ended()).toBe("io server disconnect");
    expect((await laptop.ask("conversation:heads", {})).ok).toBe(true);
  });
});

describe("a token's end", () => {
  let place: Place;
  const clock = createManualClock();
  let url: string;
  beforeAll(async () => {
    clock.set(Date.now());
    place = await createPlace();
    url = (await place.start({ GATEWAY_EXPIRY_SWEEP_MS: "20" }, { clock })).url;
  });
  afterAll(() => place[Symbol.asyncDispose]());

  it("is announced a minute before, put off by a fresh token, and closes the socket 5 s after", async () => {
    const ada = await place.connect(url, "ada", { token: { expiresInSeconds: 600 } });
    // Some seconds into that minute: the token is as much younger than the clock as it took to get here.
    clock.advance(565_000);
    const first = await ada.next("auth:expiring");
    expect(new Date(first.expiresAt).getTime()).toBeGreaterThan(Date.now() + 590_000);

    // Somebody else's announcement shows that everyone was looked at again.
    const bob = await place.connect(url, "bob", { token: { expiresInSeconds: 590 } });
    await bob.next("auth:expiring");

    const token = await place.sign("ada", { expiresInSeconds: 1200 });
    const refreshed = await ada.ask("auth:refresh", { token });
    expect(refreshed).toMatchObject({ ok: true });
    clock.advance(70_000);
    expect((await ada.ask("conversation:heads", {})).ok).toBe(true);
    expect(ada.all("auth:expiring")).toHaveLength(1);

    clock.advance(540_000);
    await ada.next("auth:expiring", 1);
    clock.advance(70_000);
    expect(await ada.ended()).toBe("io server disconnect");
  });

  it("is not put off by a token of somebody else", async () => {
    const bob = await place.connect(url, "bob", { token: { expiresInSeconds: 7200 } });
    const token = await place.sign("eve", { expiresInSeconds: 9000 });
    expect(await bob.ask("auth:refresh", { token })).toMatchObject({
      ok: false,
      error: { code: "forbidden", reason: "other_user" },
    });
  });
});
