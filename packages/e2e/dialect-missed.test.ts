import { randomUUID } from "node:crypto";
import { redisNames, userRoom } from "@confab/contract/internal";
import { type Cut, createCut, until } from "@confab/testkit";
import { Redis } from "ioredis";
import type { Socket } from "socket.io-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bareSocket } from "./bare-socket.ts";
import { type Cluster, type Environment, startCluster } from "./cluster.ts";
import { type Device, openDevice, VOICES, type Voice } from "./dialects/voices.ts";
import { type Person, signUp } from "./people.ts";
import { rest } from "./rest.ts";

const cleanup = new AsyncDisposableStack();
let cluster: Cluster;
/** Between the gateway and Redis. */
let redis: Cut;
beforeAll(async () => {
  const gatewaySettings = async (_index: number, { REDIS_REALTIME_URL: url = "" }: Environment) => {
    redis = cleanup.use(await createCut(url));
    return { REDIS_REALTIME_URL: redis.url };
  };
  cluster = cleanup.use(await startCluster({ gateways: 1, gatewaySettings }));
});
afterAll(() => cleanup.disposeAsync());

interface Pair {
  ann: Person;
  bo: Person;
  native: Socket;
  conversationId: string;
}
const voiceOf = (name: string) => VOICES.find((voice) => voice.name === name) as Voice;

async function meet(): Promise<Pair> {
  const [ann, bo] = [await signUp(cluster, cleanup, "ann"), await signUp(cluster, cleanup, "bo")];
  const { post } = rest(cluster.addresses[0] as string, await ann.token());
  const conversationId = (await post("/v1/conversations", { kind: "direct", userId: bo.userId })).body.id;
  return { ann, bo, conversationId, native: await bareSocket(cluster, ann, { cleanup }) };
}
const open = ({ bo, conversationId }: Pair, name: string, person = bo): Promise<Device> =>
  openDevice(cleanup, cluster.gatewayUrls[0] as string, {
    voice: voiceOf(name),
    person,
    where: { conversationId },
  });
const say = ({ native, conversationId }: Pair, body: string) =>
  native.emitWithAck("message:send", { conversationId, body, clientMessageId: randomUUID() });
const sayAll = async (pair: Pair, texts: string[]) => {
  for (const text of texts) await say(pair, text);
};
/** Another device's receipts say how far somebody got. */
const deliveredTo = (pair: Pair, count: number) =>
  until(
    async () => {
      const { get } = rest(cluster.addresses[0] as string, await pair.ann.token());
      const { members } = (await get(`/v1/conversations/${pair.conversationId}`)).body;
      const { deliveredSeq } = members.find(({ userId }: { userId: string }) => userId === pair.bo.userId);
      return deliveredSeq === count;
    },
    { everyMs: 100 },
  );

const NAMES = ["000", "001", "002", "003", "004"];

it.each(NAMES)("%s hears what it missed once, oldest first, and what comes then", async (name) => {
  const pair = await meet();
  await sayAll(pair, ["one", "two"]);
  const first = await open(pair, name);
  await until(() => first.texts().length === 2);
  await say(pair, "three");
  await until(() => first.texts().length === 3);
  expect(first.texts()).toEqual(["one", "two", "three"]);
  // A silent client has answered no more than pings.
  await deliveredTo(pair, 3);
  first.socket.disconnect();
  await say(pair, "four");
  const second = await open(pair, name);
  await until(() => second.texts().includes("four"));
  await say(pair, "five");
  await until(() => second.texts().includes("five"));
  expect(second.texts()).toEqual(["four", "five"]);
});

it("tells the latest 500 of a long absence, and none of them again", async () => {
  const pair = await meet();
  const texts = Array.from({ length: 520 }, (_, n) => `${n}`);
  for (let at = 0; at < texts.length; at += 40) {
    await Promise.all(texts.slice(at, at + 40).map((text) => say(pair, text)));
  }
  const device = await open(pair, "001");
  await until(() => device.texts().length === 500, { timeoutMs: 30_000 });
  expect(new Set(device.texts()).size).toBe(500);
  expect(device.texts().at(-1)).toBe("519");
  await deliveredTo(pair, 520);
  device.socket.disconnect();
  const again = await open(pair, "001");
  await say(pair, "news");
  await until(() => again.texts().length > 0);
  expect(again.texts()).toEqual(["news"]);
});

it("replays once for 003, however often it says that it is online", async () => {
  const pair = await meet();
  await say(pair, "missed");
  const device = await open(pair, "003");
  device.socket.emit("presence:online");
  await device.socket.emitWithAck("presence:online");
  await say(pair, "last");
  await until(() => device.texts().includes("last"));
  expect(device.texts()).toEqual(["missed", "last"]);
});

it("shows the present state of what was edited meanwhile, and nothing of what was deleted or their own", async () => {
  const pair = await meet();
  await say({ ...pair, native: await bareSocket(cluster, pair.bo, { cleanup }) }, "own");
  const edited = (await say(pair, "before")).message.id;
  const deleted = (await say(pair, "gone")).message.id;
  await pair.native.emitWithAck("message:edit", { messageId: edited, body: "after" });
  await pair.native.emitWithAck("message:delete", { messageId: deleted });
  await say(pair, "last");
  const device = await open(pair, "000");
  await until(() => device.texts().includes("last"));
  expect(device.texts()).toEqual(["after", "last"]);
});

it.each(NAMES)("%s hears what comes while it begins to listen in its place, and once", async (name) => {
  const looking = new Redis(cluster.stores.redisRealtimeUrl);
  cleanup.defer(() => looking.disconnect());
  const pair = await meet();
  const channel = `${redisNames(cluster.stores.redisPrefix).adapterChannel}#/#${userRoom(pair.bo.userId)}#`;
  await say(pair, "one");
  redis.holdAnswers();
  const opening = open(pair, name);
  await until(async () => ((await looking.call("PUBSUB", "SHARDNUMSUB", channel)) as unknown[])[1] === 1);
  // What Redis says of the room and what it has from the room come together.
  await say(pair, "two");
  await redis.heal();
  const device = await opening;
  await until(() => device.texts().includes("two"));
  await say(pair, "three");
  await until(() => device.texts().includes("three"));
  expect(device.texts()).toEqual(["one", "two", "three"]);
});

it("003 misses nothing of what another device got while it began to listen", async () => {
  const pair = await meet();
  redis.freeze();
  const device = await open(pair, "003");
  await say(pair, "one");
  const { post } = rest(cluster.addresses[0] as string, await pair.bo.token());
  await post(`/v1/conversations/${pair.conversationId}/receipts`, { deliveredSeq: 1 });
  await say(pair, "two");
  await redis.heal();
  await until(() => device.texts().includes("two"));
  expect(device.texts()).toEqual(["one", "two"]);
});

// Somebody's own: what one device of a person has got, their next one has not missed.
it.each(NAMES)("seals a body for %s unless it can open it", async (name) => {
  const pair = await meet();
  const device = await open(pair, name);
  await pair.native.emitWithAck("message:send", {
    conversationId: pair.conversationId,
    kind: "sealed",
    body: "AAEC/w==",
    clientMessageId: randomUUID(),
  });
  await until(() => device.texts().length > 0);
  expect(device.texts()).toEqual([name === "003" ? "AAEC/w==" : "[Encrypted message]"]);
});

it("translates a broadcast once per dialect in use, and never into one that nobody speaks", async () => {
  await using own = new AsyncDisposableStack();
  const quiet = own.use(await startCluster({ gateways: 1 }));
  const people = [
    await signUp(quiet, own, "ann"),
    await signUp(quiet, own, "bo"),
    await signUp(quiet, own, "cy"),
  ];
  const { post } = rest(quiet.addresses[0] as string, await people[0]?.token());
  const memberIds = people.slice(1).map(({ userId }) => userId);
  const conversationId = (await post("/v1/conversations", { kind: "group", title: "All", memberIds })).body
    .id;
  const url = quiet.gatewayUrls[0] as string;
  const devices: Device[] = [];
  for (const person of people) {
    const where = { conversationId };
    devices.push(await openDevice(own, url, { voice: voiceOf("002"), person, where }));
  }
  const native = await bareSocket(quiet, people[0] as Person, { cleanup: own });
  const counted = async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const lines = text.matchAll(/^chat_gateway_dialect_translations_total\{(.*)\} (\d+)$/gm);
    return [...lines].map(([, labels = "", count]) => {
      const [dialect, event] = ["dialect", "event"].map((l) => new RegExp(`${l}="(\\w+)"`).exec(labels)?.[1]);
      return { dialect, event, count: Number(count) };
    });
  };
  const messages = async () => (await counted()).find(({ event }) => event === "message")?.count ?? 0;
  const talk = { native, conversationId } as Pair;
  await say(talk, "first");
  await until(() => devices.every((device) => device.texts().includes("first")));
  const before = await messages();
  await sayAll(talk, ["second", "third"]);
  await until(() => devices.every((device) => device.texts().includes("third")));
  expect(await messages()).toBe(before + 2);
  expect(new Set((await counted()).map(({ dialect }) => dialect))).toEqual(new Set(["002"]));
});
