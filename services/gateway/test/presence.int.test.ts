import type { Presence } from "@confab/contract";
import { createCut, until } from "@confab/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createPlace, errorOf, type Place } from "./harness.ts";
import { presenceOf } from "./stand-in.ts";

const GENEROUS = JSON.stringify({
  read: { burst: 1000, perSecond: 100 },
  activity: { burst: 1000, perSecond: 100 },
});

describe("leases (P7)", () => {
  let place: Place;
  let url: string;
  beforeAll(async () => {
    place = await createPlace();
    url = (await place.start({ GATEWAY_BEAT_INTERVAL_MS: "100", GATEWAY_RATE_LIMITS: GENEROUS })).url;
  });
  afterEach(() => {
    place.services.down.clear();
    place.services.leases.length = 0;
  });
  afterAll(() => place[Symbol.asyncDispose]());

  const changesOf = (connectionId: string | undefined) =>
    place.services.leases.filter((lease) => lease.connectionId === connectionId);

  it("open, are renewed, and close, and say whether the client meant to go", async () => {
    const ada = await place.connect(url, "ada", { auth: { active: true } });
    const { id } = ada.socket;
    await until(() => changesOf(id).some(({ change }) => change === "beat"));
    expect(changesOf(id)[0]).toEqual({ connectionId: id, userId: "ada", change: "open", active: true });
    ada.socket.disconnect();
    await until(() => changesOf(id).at(-1)?.change === "close");
    expect(changesOf(id).at(-1)).toMatchObject({ left: true });

    const bob = await place.connect(url, "bob");
    const bobs = bob.socket.id;
    bob.socket.io.engine.close();
    await until(() => changesOf(bobs).at(-1)?.change === "close");
    expect(changesOf(bobs).at(-1)).toMatchObject({ left: false });
  });

  it("leave it to the presence service whether a client that does not say is active", async () => {
    const ada = await place.connect(url, "ada");
    // The stand-in says that nobody is.
    await until(() =>
      changesOf(ada.socket.id).some(({ change, active }) => change === "beat" && active === false),
    );
    expect(changesOf(ada.socket.id)[0]).not.toHaveProperty("active");
  });

  it("carry activity at once", async () => {
    const ada = await place.connect(url, "ada", { auth: { active: true } });
    expect(await ada.ask("activity:set", { active: false, conversationId: "5" })).toEqual({ ok: true });
    expect(changesOf(ada.socket.id).at(-1)).toMatchObject({ change: "beat", active: false });
  });

  it("go together, as many as there are", async () => {
    const clients = await Promise.all(
      Array.from({ length: 30 }, (_, n) => place.connect(url, `many-${n}`, { auth: { active: true } })),
    );
    const ids = new Set(clients.map(({ socket }) => socket.id));
    const beats = () => place.services.leases.filter((l) => l.change === "beat" && ids.has(l.connectionId));
    await until(() => beats().length >= 30);
    place.services.leases.length = 0;
    const requests = place.services.leaseRequests;
    await until(() => beats().length >= 60);
    expect(place.services.leaseRequests - requests).toBeLessThanOrEqual(4);
  });

  it("do not keep chat waiting, and are made up for with the next beat", async () => {
    place.services.down.add("/internal/leases");
    const ada = await place.connect(url, "ada", { auth: { active: true } });
    const gone = await place.connect(url, "gone");
    expect(await ada.ask("activity:set", { active: false })).toEqual({ ok: true });
    const goneId = gone.socket.id;
    gone.socket.disconnect();
    expect(await ada.ask("message:delete", { messageId: "1" })).toEqual({ ok: true });
    expect(changesOf(ada.socket.id)).toEqual([]);
    await until(async () => (await place.metric({ url }, /presence_calls_total{.*leases.*failed/)) >= 4);
    place.services.down.clear();
    await until(() => changesOf(ada.socket.id).length > 0);
    expect(changesOf(ada.socket.id)[0]).toMatchObject({ change: "beat", active: false });
    await until(() => changesOf(goneId).some(({ change, left }) => change === "close" && left === true));
  });
});

describe("watching", () => {
  let place: Place;
  let url: string;
  beforeAll(async () => {
    place = await createPlace();
    const settings = {
      GATEWAY_PRESENCE_TICK_MS: "200",
      GATEWAY_WATCH_CHECK_MS: "300",
      GATEWAY_WATCHED_USERS: "250",
      GATEWAY_RATE_LIMITS: GENEROUS,
    };
    url = (await place.start(settings)).url;
  });
  afterEach(() => {
    place.services.mayWatch = () => true;
    place.services.presences.clear();
  });
  afterAll(() => place[Symbol.asyncDispose]());

  let version = 0;
  const publishTogether = async (...presences: Presence[]) => {
    const transaction = place.redis.multi();
    for (const presence of presences) {
      version += 1;
      const text = JSON.stringify({ ...presence, version });
      transaction.spublish(place.names.presenceChannel(presence.userId), text);
    }
    await transaction.exec();
  };
  const publish = (presence: Presence) => publishTogether(presence);
  const listeners = async (userId: string): Promise<number> => {
    const answer = await place.redis.call("PUBSUB", "SHARDNUMSUB", place.names.presenceChannel(userId));
    return (answer as [string, number])[1];
  };

  it("answers with the state, then sends what changes, many changes in one batch", async () => {
    place.services.presences.set("bob", presenceOf("bob", "idle"));
    const ada = await place.connect(url, "ada");
    expect(await ada.ask("presence:watch", { userIds: ["bob", "carol"] })).toEqual({
      ok: true,
      presences: [presenceOf("bob", "idle"), presenceOf("carol", "offline")],
    });
    // At once, so that no batch can leave between two of them.
    const news = [...(["online", "idle", "online"] as const).map((status) => presenceOf("bob", status))];
    await publishTogether(...news, presenceOf("carol", "idle"));
    const { presences } = await ada.next("presence:changed");
    expect(presences).toEqual([presenceOf("bob", "online"), presenceOf("carol", "idle")]);
    await publish(presenceOf("bob", "offline"));
    expect(await ada.next("presence:changed", 1)).toEqual({ presences: [presenceOf("bob", "offline")] });
  });

  it("is subscribed once for all who watch, and no longer than they do", async () => {
    const [ada, bob] = [await place.connect(url, "ada"), await place.connect(url, "bob")];
    await ada.ask("presence:watch", { userIds: ["zoe"] });
    await bob.ask("presence:watch", { userIds: ["zoe"] });
    expect(await listeners("zoe")).toBe(1);
    expect(await ada.ask("presence:unwatch", { userIds: ["zoe"] })).toEqual({ ok: true });
    expect(await listeners("zoe")).toBe(1);
    await publish(presenceOf("zoe", "online"));
    await bob.next("presence:changed");
    expect(ada.all("presence:changed")).toEqual([]);
    bob.socket.disconnect();
    await until(async () => (await listeners("zoe")) === 0);
  });

  it("shows nobody with whom one shares nothing (P9), also when that comes to be so later", async () => {
    place.services.mayWatch = (_viewer, userId) => userId !== "secret";
    const ada = await place.connect(url, "ada");
    const ack = await ada.ask("presence:watch", { userIds: ["secret", "friend"] });
    expect(ack).toMatchObject({ presences: [{ userId: "friend" }] });
    expect(await listeners("secret")).toBe(0);
    place.services.mayWatch = () => false;
    await until(async () => (await listeners("friend")) === 0);
    await publish(presenceOf("friend", "online"));
    // What the socket knew of them is taken back.
    expect(await ada.next("presence:changed")).toEqual({ presences: [presenceOf("friend", "offline")] });
    place.services.mayWatch = () => true;
    await ada.ask("presence:watch", { userIds: ["nobody"] });
    await publish(presenceOf("nobody", "idle"));
    expect(await ada.next("presence:changed", 1)).toEqual({ presences: [presenceOf("nobody", "idle")] });
  });

  it("lets no change fall between the subscription and the state that is answered", async () => {
    const ada = await place.connect(url, "ada");
    place.services.presenceGate.close();
    const ack = ada.ask("presence:watch", { userIds: ["quick"] });
    // Others are asked about all the time.
    await until(() => place.services.presenceRequests.some(({ userIds }) => userIds.includes("quick")));
    await publish(presenceOf("quick", "online"));
    await ada.next("presence:changed");
    place.services.presenceGate.open();
    expect(await ack).toMatchObject({ presences: [{ userId: "quick", status: "online" }] });
  });

  it("has a limit per socket", async () => {
    const ada = await place.connect(url, "ada");
    const people = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => `person-${from + n}`);
    expect(await ada.ask("presence:watch", { userIds: people(0, 200) })).toMatchObject({ ok: true });
    expect(await ada.ask("presence:watch", { userIds: people(0, 200) })).toMatchObject({ ok: true });
    expect(errorOf(await ada.ask("presence:watch", { userIds: people(200, 51) }))).toMatchObject({
      code: "too_large",
      reason: "watch_limit",
    });
    expect(await ada.ask("presence:watch", { userIds: people(200, 50) })).toMatchObject({ ok: true });
  });

  it("fails for the moment while the presence service is away, and follows nobody then", async () => {
    const ada = await place.connect(url, "ada");
    place.services.down.add("/internal/presences");
    const refusal = errorOf(await ada.ask("presence:watch", { userIds: ["yann"] }));
    place.services.down.clear();
    expect(refusal).toMatchObject({ code: "unavailable" });
    await until(async () => (await listeners("yann")) === 0);
  });

  it("ignores what is no presence", async () => {
    const ada = await place.connect(url, "ada");
    await ada.ask("presence:watch", { userIds: ["xena"] });
    await place.redis.spublish(place.names.presenceChannel("xena"), "not JSON");
    const other = JSON.stringify({ ...presenceOf("other", "online"), version: 1 });
    await place.redis.spublish(place.names.presenceChannel("xena"), other);
    await publish(presenceOf("xena", "online"));
    expect(await ada.next("presence:changed")).toEqual({ presences: [presenceOf("xena", "online")] });
  });

  it("does not go back to what is older, whichever of two presence services says it last", async () => {
    const ada = await place.connect(url, "ada");
    await ada.ask("presence:watch", { userIds: ["vera"] });
    await publish(presenceOf("vera", "online"));
    const late = JSON.stringify({ ...presenceOf("vera", "offline"), version: version - 1 });
    await place.redis.spublish(place.names.presenceChannel("vera"), late);
    await ada.ask("presence:watch", { userIds: ["uma"] });
    await publish(presenceOf("uma", "online"));
    await until(() =>
      ada.all("presence:changed").some(({ presences }) => presences.at(-1)?.userId === "uma"),
    );
    const veras = ada.all("presence:changed").flatMap(({ presences }) => presences);
    expect(veras.filter(({ userId }) => userId === "vera")).toEqual([presenceOf("vera", "online")]);
  });

  it("takes everyone's state anew when Redis was away", async () => {
    await using redis = await createCut(place.redisUrl);
    const { url: behind } = await place.start({
      REDIS_REALTIME_URL: redis.url,
      GATEWAY_PRESENCE_TICK_MS: "100",
    });
    const ada = await place.connect(behind, "ada");
    await ada.ask("presence:watch", { userIds: ["will"] });
    await redis.cut();
    await publish(presenceOf("will", "online"));
    place.services.presences.set("will", presenceOf("will", "online"));
    await redis.heal();
    expect(await ada.next("presence:changed")).toEqual({ presences: [presenceOf("will", "online")] });
    await publish(presenceOf("will", "idle"));
    await until(() => ada.all("presence:changed").at(-1)?.presences[0]?.status === "idle");
  });
});
