/** P9: presence is for those who share a conversation. P10: without Redis or MySQL there is an answer all the same. */
import { createCut, insertConversation, insertUser, startStopwatch, until } from "@confab/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPlace, lease, type Place } from "./harness.ts";

let place: Place;
let ada: string;
let bert: string;
let carl: string;
let dora: string;

beforeAll(async () => {
  place = await createPlace();
  const { stores } = place;
  [ada, bert, carl, dora] = [
    await insertUser(stores),
    await insertUser(stores),
    await insertUser(stores),
    await insertUser(stores),
  ];
  await insertConversation(stores, { kind: "direct", memberIds: [ada, bert] });
  const group = await insertConversation(stores, { kind: "group", memberIds: [ada, bert, carl] });
  await stores.prisma.conversationMember.update({
    where: { conversationId_userId: { conversationId: BigInt(group), userId: carl } },
    data: { leftAt: new Date() },
  });
});
afterAll(() => place[Symbol.asyncDispose]());

it("answers about oneself and whoever shares a conversation that neither has left", async () => {
  await using presence = await place.start();
  await presence.change(
    ...[ada, bert, carl, dora].map((userId) =>
      lease(`${userId}-phone`, userId, "open", { active: userId !== bert }),
    ),
  );
  const seenBy = async (viewer: string) =>
    Object.fromEntries(
      (await presence.presences(viewer, [ada, bert, carl, dora])).map(({ userId, status }) => [
        userId,
        status,
      ]),
    );
  expect(await seenBy(ada)).toEqual({ [ada]: "online", [bert]: "idle" });
  expect(await seenBy(carl)).toEqual({ [carl]: "online" });
  expect(await seenBy(dora)).toEqual({ [dora]: "online" });
});

it("hides two people from each other while one of them blocks the other", async () => {
  await using presence = await place.start();
  await presence.change(lease("ada-watch", ada, "open"), lease("bert-watch", bert, "open"));
  const seenBy = async (viewer: string) =>
    (await presence.presences(viewer, [ada, bert])).map(({ userId }) => userId).sort();
  const block = { blockerId: ada, blockedId: bert };
  await place.stores.prisma.block.create({ data: { ...block, createdAt: new Date() } });
  expect(await seenBy(ada)).toEqual([ada]);
  expect(await seenBy(bert)).toEqual([bert]);
  await place.stores.prisma.block.delete({ where: { blockerId_blockedId: block } });
  expect(await seenBy(bert)).toEqual([ada, bert].sort());
});

it("takes the last sign of life from the mirror for somebody whom Redis forgot, and calls nobody present", async () => {
  await using presence = await place.start();
  await presence.change(lease("bert-tablet", bert, "open"));
  const mirrored = await until(() =>
    place.stores.prisma.userPresence.findUnique({ where: { userId: bert, status: "online" } }),
  );
  await place.flushRedis();
  expect(await presence.presences(ada, [bert])).toEqual([
    { userId: bert, status: "offline", lastSeenAt: mirrored.lastSeenAt.toISOString(), custom: null },
  ]);
  expect(await presence.presences(ada, [ada])).toEqual([
    expect.objectContaining({ userId: ada, status: "offline" }),
  ]);
});

it.each(["cut", "freeze"] as const)("without Redis (%s) answers from the mirror, in time", async (fault) => {
  await place.stores.prisma.userPresence.update({ where: { userId: bert }, data: { status: "idle" } });
  await using redis = await createCut(place.stores.redisRealtimeUrl);
  await using presence = await place.start({ REDIS_REALTIME_URL: redis.url });
  await until(async () => (await fetch(`${presence.url}/readyz`)).ok);
  await redis[fault]();
  using watch = startStopwatch();
  expect(await presence.presences(ada, [bert])).toEqual([expect.objectContaining({ status: "idle" })]);
  await expect(presence.statusOf(bert)).rejects.toMatchObject({ code: "unavailable", reason: "redis_away" });
  await expect(presence.change(lease("b", bert, "open"))).rejects.toMatchObject({ code: "unavailable" });
  expect(watch.awakeMs).toBeLessThan(4_500);
  await until(async () => (await fetch(`${presence.url}/readyz`)).status === 503);
  await redis.heal();
  await until(async () => (await fetch(`${presence.url}/readyz`)).ok);
  await presence.change(lease("bert-phone-2", bert, "open"));
  expect(await presence.statusOf(bert)).toBe("online");
});
