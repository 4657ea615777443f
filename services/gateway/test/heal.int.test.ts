import { connect, createServer, type Socket } from "node:net";
import { conversationRoom } from "@confab/contract/internal";
import { type Cut, createCut, until } from "@confab/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  aMessage,
  type Client,
  type ClientOptions,
  createClient,
  createPlace,
  keepLog,
  type Place,
} from "./harness.ts";
import { messageOf } from "./stand-in.ts";

/** A client of whom it has been asked already what it missed while it connected. */
async function connectFully(place: Place, url: string, ...who: [userId: string, options?: ClientOptions]) {
  const before = place.services.revisionRequests.length;
  const client = await place.connect(url, ...who);
  await until(() => place.services.revisionRequests.length > before);
  return client;
}

const say = (place: Place, seq: number) =>
  place.fanout.emit({ kind: "direct", userIds: ["ada"] }, "message:created", messageOf("bob", {}, seq));

/** How far her conversation has come. A busy machine may have her told before, too: see below. */
const hearsHead = (client: Client, revision: number, conversationId = "4") =>
  until(() => client.all("head").some(({ revisions }) => revisions[conversationId] === revision), {
    timeoutMs: 15_000,
    describe: `a head that says ${revision}`,
  });

/** Says it more than once: so quick a canary takes a busy machine for a silent Redis, and connects anew again. */
const hearsAgain = (place: Place, client: Client) =>
  until(
    () => {
      say(place, 2);
      return client.all("message:created").length > 0;
    },
    { everyMs: 100, timeoutMs: 15_000, describe: "a message is heard again" },
  );

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

  it("goes on, and tells its people afterwards how far their conversations have come", async () => {
    const ada = await place.connect(gateway.url, "ada");
    await redis.cut();
    await until(async () => (await place.metric(gateway, "chat_gateway_degraded")) === 1);
    say(place, 1);
    expect(await ada.ask("message:send", aMessage("still here"))).toMatchObject({ ok: true });
    expect(await ready()).toBe(200);
    // One who comes meanwhile is let in, too.
    const late = await place.connect(gateway.url, "ada");
    place.services.personOf("ada").revisions = { "4": 17 };
    await redis.heal();
    await hearsHead(ada, 17);
    await hearsHead(late, 17);
    expect(ada.all("message:created")).toEqual([]);
    await hearsAgain(place, ada);
    await hearsAgain(place, late);
  });

  it("does so when only its subscriptions were cut, which nobody else notices", async () => {
    const ada = await connectFully(place, gateway.url, "ada");
    place.services.personOf("ada").revisions = { "4": 18 };
    redis.reset();
    await hearsHead(ada, 18);
    await hearsAgain(place, ada);
  });

  it("notices a connection that is silent without having ended, and makes new ones", async () => {
    const ada = await connectFully(place, gateway.url, "ada");
    place.services.personOf("ada").revisions = { "4": 19 };
    redis.holdAnswers();
    await until(async () => (await place.metric(gateway, "chat_gateway_degraded")) === 1);
    expect(await ready()).toBe(200);
    await redis.heal();
    await hearsHead(ada, 19);
    await until(async () => (await place.metric(gateway, "chat_gateway_degraded")) === 0);
    await until(async () => (await place.metric(gateway, "chat_gateway_canary_age_seconds")) < 2);
  });

  it("puts rooms right that changed meanwhile (P9)", async () => {
    place.services.personOf("ada").groupIds = ["5"];
    const ada = await place.connect(gateway.url, "ada");
    await redis.cut();
    place.fanout.leave("ada", "5");
    place.fanout.join(["ada"], "6");
    place.services.personOf("ada").groupIds = ["6"];
    await redis.heal();
    await until(async () => (await listeners("6")) === 1 && (await listeners("5")) === 0, {
      timeoutMs: 15_000,
    });
    const heard = () => ada.all("message:created").map(({ seq }) => seq);
    const say = (conversationId: string, seq: number) =>
      place.fanout.emit({ kind: "group", conversationId }, "message:created", messageOf("bob", {}, seq));
    // More than once, as in `hearsAgain`.
    const hearsTheNewRoom = () => {
      say("5", 50);
      say("6", 60);
      return heard().includes(60);
    };
    await until(hearsTheNewRoom, { everyMs: 100, timeoutMs: 15_000 });
    expect(heard()).not.toContain(50);
  });

  it("closes the sockets of sessions that ended meanwhile, and no others (P9)", async () => {
    const phone = await place.connect(gateway.url, "rhea", { token: { sessionId: "phone" } });
    const laptop = await place.connect(gateway.url, "rhea", { token: { sessionId: "laptop" } });
    await redis.cut();
    place.fanout.revokeSession({ userId: "rhea", sessionId: "phone" });
    place.services.endedSessions.add("phone");
    await redis.heal();
    expect(await phone.ended()).toBe("io server disconnect");
    expect((await laptop.ask("conversation:heads", {})).ok).toBe(true);
  });

  it("asks again until the message service answers, for all its people together", async () => {
    const people = ["ada", "bob", "carol"];
    const connected = place.services.revisionRequests.length;
    const clients = await Promise.all(people.map((userId) => place.connect(gateway.url, userId)));
    const requests = (from: number) => place.services.revisionRequests.slice(from);
    await until(() => people.every((userId) => requests(connected).flat().includes(userId)));
    for (const userId of people) place.services.personOf(userId).revisions = { "4": 30 };
    place.services.down.add("/internal/revisions");
    redis.reset();
    await until(async () => (await place.metric(gateway, "chat_gateway_canary_age_seconds")) < 0.2);
    const before = place.services.revisionRequests.length;
    place.services.down.clear();
    for (const client of clients) await hearsHead(client, 30);
    await until(() => requests(before).some((asked) => people.every((userId) => asked.includes(userId))));
  });
});

describe("a publisher that lost Redis, while gateways did not (P9)", () => {
  it("has rooms put right, and sessions closed, once it is back", async () => {
    await using place = await createPlace();
    const gateway = await place.start();
    const ada = place.services.personOf("ada");
    ada.groupIds = ["5"];
    const phone = await place.connect(gateway.url, "ada", { token: { sessionId: "phone" } });
    const laptop = await connectFully(place, gateway.url, "ada", { token: { sessionId: "laptop" } });
    place.realtime.publisher.disconnect();
    place.fanout.leave("ada", "5");
    place.fanout.join(["ada"], "6");
    place.fanout.revokeSession({ userId: "ada", sessionId: "phone" });
    Object.assign(ada, { groupIds: ["6"], revisions: { "6": 1 } });
    await until(() => place.fanout.unannounced === 2);
    await place.realtime.publisher.connect();
    expect(await phone.ended()).toBe("io server disconnect");
    expect(await laptop.next("head")).toEqual({ revisions: { "6": 1 } });
    place.fanout.emit({ kind: "group", conversationId: "5" }, "message:created", messageOf("bob", {}, 50));
    place.fanout.emit({ kind: "group", conversationId: "6" }, "message:created", messageOf("bob", {}, 60));
    await laptop.next("message:created");
    expect(laptop.all("message:created").map(({ seq }) => seq)).toEqual([60]);
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
    const ada = await connectFully(place, gateway.url, "ada");
    place.services.personOf("ada").revisions = { "4": 20 };
    redis.silence();
    await hearsHead(ada, 20);
    await hearsAgain(place, ada);
    await gateway[Symbol.asyncDispose]();
  });
});

describe("a gateway whose Redis is slow", () => {
  it("tells who connected what was said before Redis had heard of them", async () => {
    await using place = await createPlace();
    await using redis = await createCut(place.redisUrl);
    const gateway = await place.start({ REDIS_REALTIME_URL: redis.url });
    redis.delay(1500);
    const ada = await connectFully(place, gateway.url, "ada");
    place.services.personOf("ada").revisions = { "4": 21 };
    await hearsHead(ada, 21);
    await redis.heal();
    await gateway[Symbol.asyncDispose]();
  });
});

describe("a gateway whose Redis is away", () => {
  it("answers who signs in with a word of a dialect", async () => {
    await using place = await createPlace();
    await using redis = await createCut(place.redisUrl);
    await redis.cut();
    const gateway = await place.start({ REDIS_REALTIME_URL: redis.url });
    const { socket } = createClient(gateway.url, { dialect: "004" });
    const raw = socket.timeout(20_000) as unknown as { emitWithAck(...args: unknown[]): Promise<object> };
    const answer = await raw.emitWithAck("authenticate", { token: await place.sign("ada") });
    expect(answer).toMatchObject({ ok: true, userId: "ada" });
    socket.disconnect();
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
    await hearsAgain(place, ada);
    await gateway[Symbol.asyncDispose]();
  });
});

describe("a gateway that is stopped while Redis is away", () => {
  it("ends in good time, and leaves no promise behind that fails", async () => {
    await using place = await createPlace();
    await using redis = await createCut(place.redisUrl);
    const { log, logged } = keepLog("warn");
    const settings = { REDIS_REALTIME_URL: redis.url, GATEWAY_CANARY_INTERVAL_MS: "100" };
    const gateway = await place.start(settings, { log });
    place.services.personOf("ada").groupIds = ["5", "6"];
    const ada = await place.connect(gateway.url, "ada");
    await ada.ask("presence:watch", { userIds: ["bob"] });
    ada.socket.emit("typing:start", { conversationId: "5" });
    await redis.cut();
    await until(async () => (await place.metric(gateway, "chat_gateway_degraded")) === 1);
    await place.connect(gateway.url, "ada");
    logged.length = 0;
    await gateway[Symbol.asyncDispose]();
    // A step that took too long would have been given up.
    expect(logged.filter((line) => line.includes("did not stop cleanly"))).toEqual([]);
    expect(await ada.ended()).toMatch(/transport/);
  });
});
