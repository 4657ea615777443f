import { connect, createServer, type Socket } from "node:net";
import { conversationRoom } from "@confab/contract/internal";
import { type Cut, createCut, until } from "@confab/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { aMessage, createPlace, type Place } from "./harness.ts";
import { messageOf } from "./stand-in.ts";

describe("a gateway that lost Redis (P4)", () => {
  let place: Place;
  let redis: Cut;
  let gateway: { url: string };
  beforeAll(async () => {
    place = await createPlace();
    redis = await createCut(place.redisUrl);
    gateway = await place.start({ REDIS_REALTIME_URL: redis.url, GATEWAY_CANARY_INTERVAL_MS: "100" });
  });
  afterEach(() => redis.heal());
  afterAll(async () => {
    await place[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });

  const ready = async () => (await fetch(`${gateway.url}/readyz`)).status;
  const listeners = async (conversationId: string): Promise<number> => {
    const channel = `${place.names.adapterChannel}#/#${conversationRoom(conversationId)}#`;
    return ((await place.redis.call("PUBSUB", "SHARDNUMSUB", channel)) as [string, number])[1];
  };
  const say = (seq: number) =>
    place.fanout.emit({ kind: "direct", userIds: ["ada"] }, "message:created", messageOf("bob", {}, seq));

  it("goes on, and tells its people afterwards how far their conversations have come", async () => {
    const ada = await place.connect(gateway.url, "ada");
    await redis.cut();
    await until(async () => (await place.metric(gateway, "chat_gateway_degraded")) === 1);
    say(1);
    expect(await ada.ask("message:send", aMessage("still here"))).toMatchObject({ ok: true });
    expect(await ready()).toBe(200);
    // One who comes meanwhile is let in, too.
    const late = await place.connect(gateway.url, "ada");
    place.services.personOf("ada").revisions = { "4": 17 };
    await redis.heal();
    expect(await ada.next("head")).toEqual({ revisions: { "4": 17 } });
    expect((await late.next("head")).revisions).toEqual({ "4": 17 });
    expect(ada.all("message:created")).toEqual([]);
    say(2);
    expect((await ada.next("message:created")).seq).toBe(2);
    expect((await late.next("message:created")).seq).toBe(2);
  });

  it("does so when only its subscriptions were cut, which nobody else notices", async () => {
    const ada = await place.connect(gateway.url, "ada");
    place.services.personOf("ada").revisions = { "4": 18 };
    redis.reset();
    expect((await ada.next("head")).revisions).toEqual({ "4": 18 });
    say(3);
    await ada.next("message:created");
  });

  it("notices a connection that is silent without having ended, and makes new ones", async () => {
    const ada = await place.connect(gateway.url, "ada");
    place.services.personOf("ada").revisions = { "4": 19 };
    redis.holdAnswers();
    await until(async () => (await place.metric(gateway, "chat_gateway_degraded")) === 1);
    expect(await ready()).toBe(200);
    await redis.heal();
    expect((await ada.next("head")).revisions).toEqual({ "4": 19 });
    await until(async () => (await place.metric(gateway, "chat_gateway_degraded")) === 0);
    expect(await place.metric(gateway, "chat_gateway_canary_age_seconds")).toBeLessThan(2);
  });

  it("puts rooms right that changed meanwhile (P9)", async () => {
    place.services.personOf("ada").groupIds = ["5"];
    const ada = await place.connect(gateway.url, "ada");
    await redis.cut();
    place.fanout.leave("ada", "5");
    place.fanout.join(["ada"], "6");
    place.services.personOf("ada").groupIds = ["6"];
    await redis.heal();
    await until(async () => (await listeners("6")) === 1 && (await listeners("5")) === 0);
    place.fanout.emit({ kind: "group", conversationId: "5" }, "message:created", messageOf("bob", {}, 50));
    place.fanout.emit({ kind: "group", conversationId: "6" }, "message:created", messageOf("bob", {}, 60));
    await ada.next("message:created");
    expect(ada.all("message:created").map(({ seq }) => seq)).toEqual([60]);
  });

  it("asks again until the message service answers, for all its people together", async () => {
    const people = ["ada", "bob", "carol"];
    const clients = await Promise.all(people.map((userId) => place.connect(gateway.url, userId)));
    for (const userId of people) place.services.personOf(userId).revisions = { "4": 30 };
    place.services.down.add("/internal/revisions");
    redis.reset();
    await until(async () => (await place.metric(gateway, "chat_gateway_canary_age_seconds")) < 0.2);
    const before = place.services.revisionRequests.length;
    place.services.down.clear();
    for (const client of clients) {
      await until(() => client.all("head").some(({ revisions }) => revisions["4"] === 30));
    }
    expect(place.services.revisionRequests.length - before).toBeLessThanOrEqual(2);
  });
});

/** Passes everything on, until the connections that it has then fall silent for ever; later ones do not. */
async function createSilencer(url: string) {
  const { hostname, port } = new URL(url);
  const links = new Set<[Socket, Socket]>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    links.add([client, upstream]);
    client.pipe(upstream).pipe(client);
    client.on("error", () => upstream.destroy()).on("close", () => upstream.destroy());
    upstream.on("error", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `redis://127.0.0.1:${(server.address() as { port: number }).port}`,
    silence: () => {
      for (const [client, upstream] of links) {
        client.unpipe(upstream).resume();
        upstream.unpipe(client).resume();
      }
      links.clear();
    },
    [Symbol.dispose]: () => void server.close(),
  };
}

describe("a gateway whose connections go nowhere", () => {
  it("makes new ones, though nothing says that the old ones have ended", async () => {
    await using place = await createPlace();
    using redis = await createSilencer(place.redisUrl);
    const settings = { REDIS_REALTIME_URL: redis.url, GATEWAY_CANARY_INTERVAL_MS: "100" };
    const gateway = await place.start(settings);
    const ada = await place.connect(gateway.url, "ada");
    place.services.personOf("ada").revisions = { "4": 20 };
    redis.silence();
    expect((await ada.next("head")).revisions).toEqual({ "4": 20 });
    place.fanout.emit({ kind: "direct", userIds: ["ada"] }, "message:created", messageOf("bob", {}, 1));
    await ada.next("message:created");
    await gateway[Symbol.asyncDispose]();
  });
});

describe("a gateway that starts before Redis", () => {
  it("serves, and hears everything once Redis is there", async () => {
    await using place = await createPlace();
    await using redis = await createCut(place.redisUrl);
    await redis.cut();
    place.services.personOf("ada").revisions = { "4": 1 };
    const gateway = await place.start({ REDIS_REALTIME_URL: redis.url, GATEWAY_CANARY_INTERVAL_MS: "100" });
    const ada = await place.connect(gateway.url, "ada");
    expect(await ada.ask("message:send", aMessage("early"))).toMatchObject({ ok: true });
    await redis.heal();
    await ada.next("head");
    place.fanout.emit({ kind: "direct", userIds: ["ada"] }, "message:created", messageOf("bob", {}, 1));
    await ada.next("message:created");
    await gateway[Symbol.asyncDispose]();
  });
});

describe("a gateway that is stopped while Redis is away", () => {
  it("ends in good time, and leaves no promise behind that fails", async () => {
    await using place = await createPlace();
    await using redis = await createCut(place.redisUrl);
    const gateway = await place.start({ REDIS_REALTIME_URL: redis.url, GATEWAY_CANARY_INTERVAL_MS: "100" });
    place.services.personOf("ada").groupIds = ["5", "6"];
    const ada = await place.connect(gateway.url, "ada");
    await ada.ask("presence:watch", { userIds: ["bob"] });
    ada.socket.emit("typing:start", { conversationId: "5" });
    await redis.cut();
    await until(async () => (await place.metric(gateway, "chat_gateway_degraded")) === 1);
    await place.connect(gateway.url, "ada");
    const startedMs = performance.now();
    await gateway[Symbol.asyncDispose]();
    expect(performance.now() - startedMs).toBeLessThan(3000);
    expect(await ada.ended()).toMatch(/transport/);
  });
});
