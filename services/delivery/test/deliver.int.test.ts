/** P8: what somebody is owed becomes a notification, or not, by presence, mute and watermarks. */
import type { PresenceStatus } from "@confab/contract";
import { userRoom } from "@confab/contract/internal";
import { createRedis } from "@confab/runtime";
import { createCut, insertMessages, insertUsers, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { takeEffects } from "../src/effect.ts";
import { readOwed } from "../src/owed.ts";
import { plan } from "../src/plan.ts";
import { createPlace, type Place, ready } from "./harness.ts";

let place: Place;
let delivery: AsyncDisposable & { url: string };

beforeAll(async () => {
  place = await createPlace();
  delivery = await place.start();
  await ready(delivery);
});
afterAll(async () => {
  await delivery[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

async function run(userId: string) {
  await place.enqueue(userId);
  await place.idle();
}

describe("somebody who is away", () => {
  it.each<PresenceStatus>(["offline", "idle"])(
    "and %s is notified once of all that waits, and pushed",
    async (status) => {
      const { userId, conversationId } = await place.owe(3);
      place.presence.statuses.set(userId, status);
      await run(userId);
      const [notification, ...more] = await place.notificationsOf(userId);
      expect(more).toEqual([]);
      expect(notification).toMatchObject({ conversationId: BigInt(conversationId), fromSeq: 1, toSeq: 3 });
      expect(notification?.pushedAt).toBeInstanceOf(Date);
      expect((await place.memberOf(userId, conversationId)).notifiedSeq).toBe(3);
      expect(place.pushedTo(userId)).toEqual([
        { tag: `notification-${notification?.id}`, userId, conversationId, fromSeq: 1, toSeq: 3 },
      ]);
      await run(userId);
      expect(await place.notificationsOf(userId)).toHaveLength(1);
      expect(place.pushedTo(userId)).toHaveLength(1);
    },
  );

  it("is not notified of what they are not to see, nor of what somebody says whom they block", async () => {
    const hidden = await place.owe(2);
    const silenced = await place.owe(2);
    const rows = [1, 2].map((seq) => ({ userId: hidden.userId, seq, hiddenAt: new Date() }));
    const conversationId = BigInt(hidden.conversationId);
    await place.prisma.hiddenMessage.createMany({ data: rows.map((row) => ({ ...row, conversationId })) });
    await place.prisma.block.create({
      data: { blockerId: silenced.userId, blockedId: silenced.senderId, createdAt: new Date() },
    });
    for (const { userId, conversationId: id } of [hidden, silenced]) {
      await run(userId);
      expect(await place.notificationsOf(userId)).toEqual([]);
      expect((await place.memberOf(userId, id)).notifiedSeq).toBe(2);
    }
  });

  it("is notified of later messages from where the last notification ended", async () => {
    const { senderId, userId, conversationId } = await place.owe(2);
    await run(userId);
    await insertMessages(place.stores, { conversationId, senderId, count: 2 });
    await run(userId);
    expect((await place.notificationsOf(userId)).map(({ fromSeq, toSeq }) => [fromSeq, toSeq])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it("is notified of each of many conversations", async () => {
    const [userId] = (await insertUsers(place.stores, 1)) as [string];
    await place.oweMore(userId, 60);
    await run(userId);
    expect(await place.notificationsOf(userId)).toHaveLength(60);
    expect(new Set(place.pushedTo(userId).map(({ tag }) => tag)).size).toBe(60);
  });

  it("is notified of what is said in a thread if they follow it, and otherwise passes it by", async () => {
    const rootId = 4_000_000_001n;
    for (const [following, expected] of [
      [true, 1],
      [false, 0],
      [null, 0],
    ] as const) {
      const { userId, conversationId } = await place.owe(1);
      const id = BigInt(conversationId);
      await place.stores.prisma.message.updateMany({
        where: { conversationId: id },
        data: { threadRootId: rootId },
      });
      await place.stores.prisma.threadMember.create({
        data: { userId, rootId, conversationId: id, following },
      });
      await run(userId);
      expect(await place.notificationsOf(userId)).toHaveLength(expected);
      expect((await place.memberOf(userId, conversationId)).notifiedSeq).toBe(1);
    }
  });

  it("hears of it on devices that are just coming", async () => {
    const { userId } = await place.owe();
    const subscriber = createRedis(place.stores.redisRealtimeUrl, "subscriber", place.log);
    const heard: string[] = [];
    subscriber.on("smessage", (_channel, text) => heard.push(String(text)));
    await subscriber.ssubscribe(`${place.names.adapterChannel}#/#${userRoom(userId)}#`);
    await run(userId);
    await until(() => heard.some((text) => text.includes("notification:created")));
    subscriber.disconnect();
  });
});

describe("no notification", () => {
  it("for somebody who is online; the watermark stays, so that a later job asks again", async () => {
    const { userId, conversationId } = await place.owe();
    place.presence.statuses.set(userId, "online");
    await run(userId);
    expect(await place.notificationsOf(userId)).toEqual([]);
    expect((await place.memberOf(userId, conversationId)).notifiedSeq).toBe(0);
    place.presence.statuses.set(userId, "offline");
    await run(userId);
    expect(await place.notificationsOf(userId)).toHaveLength(1);
  });

  it("in a muted conversation; the watermark moves", async () => {
    const { userId, conversationId } = await place.owe();
    await place.prisma.conversationMember.updateMany({
      where: { userId },
      data: { mutedUntil: new Date(Date.now() + 60_000) },
    });
    await run(userId);
    expect(await place.notificationsOf(userId)).toEqual([]);
    expect((await place.memberOf(userId, conversationId)).notifiedSeq).toBe(3);
  });

  it("while the person is not to be disturbed, nor for what came meanwhile; afterwards again", async () => {
    const { senderId, userId, conversationId } = await place.owe();
    const disturb = (dndUntil: Date) =>
      place.prisma.user.update({ where: { id: userId }, data: { dndUntil } });
    await disturb(new Date(Date.now() + 60_000));
    await run(userId);
    expect(await place.notificationsOf(userId)).toEqual([]);
    expect((await place.memberOf(userId, conversationId)).notifiedSeq).toBe(3);
    await disturb(new Date(Date.now() - 1));
    await insertMessages(place.stores, { conversationId, senderId, count: 1 });
    await run(userId);
    expect(await place.notificationsOf(userId)).toMatchObject([{ fromSeq: 4, toSeq: 4 }]);
    expect(place.pushedTo(userId)).toHaveLength(1);
  });

  it("is pushed while the person is not to be disturbed, though it was written before", async () => {
    const { userId, conversationId } = await place.owe();
    const until = (ms: number) =>
      place.prisma.user.update({ where: { id: userId }, data: { dndUntil: new Date(Date.now() + ms) } });
    await place.prisma.notification.create({
      data: {
        userId,
        conversationId: BigInt(conversationId),
        fromSeq: 1,
        toSeq: 3,
        createdAt: new Date(),
      },
    });
    await until(60_000);
    await run(userId);
    expect(place.pushedTo(userId)).toEqual([]);
    await until(-1);
    await run(userId);
    expect(place.pushedTo(userId)).toHaveLength(1);
  });

  it("of one's own, system and deleted messages", async () => {
    const { userId, senderId, conversationId } = await place.owe(2);
    await place.prisma.message.updateMany({ where: { senderId, seq: 1 }, data: { kind: "system" } });
    await place.prisma.message.updateMany({ where: { senderId, seq: 2 }, data: { deletedAt: new Date() } });
    await insertMessages(place.stores, { conversationId, senderId: userId, count: 1 });
    await run(userId);
    expect(await place.notificationsOf(userId)).toEqual([]);
    expect((await place.memberOf(userId, conversationId)).notifiedSeq).toBe(3);
  });

  it("of what a device has received before the job ran", async () => {
    const { userId, conversationId } = await place.owe();
    await place.prisma.conversationMember.updateMany({ where: { userId }, data: { deliveredSeq: 3 } });
    await run(userId);
    expect(await place.notificationsOf(userId)).toEqual([]);
    expect((await place.memberOf(userId, conversationId)).notifiedSeq).toBe(0);
  });

  it("when a device receives it between the plan and the effect", async () => {
    const { userId } = await place.owe();
    const now = new Date();
    const owed = await readOwed(place.stores.sql, { userIds: [userId], limit: 10 });
    const actions = plan(owed.get(userId) ?? [], { status: "offline", now });
    await place.prisma.conversationMember.updateMany({ where: { userId }, data: { deliveredSeq: 2 } });
    expect(await takeEffects(place.stores.sql, [{ userId, actions }], now)).toEqual([
      { created: [], passed: 0, overtaken: 1 },
    ]);
    expect(await place.notificationsOf(userId)).toEqual([]);
  });

  it("for somebody who has left", async () => {
    const { userId } = await place.owe();
    await place.prisma.conversationMember.updateMany({ where: { userId }, data: { leftAt: new Date() } });
    await run(userId);
    expect(await place.notificationsOf(userId)).toEqual([]);
  });
});

it("without an answer from presence the person counts as offline, and the job is not held up", async () => {
  const { userId } = await place.owe();
  place.presence.statuses.set(userId, "online");
  await using silent = await createCut(place.presence.url);
  silent.freeze();
  await delivery[Symbol.asyncDispose]();
  delivery = await place.start({ PRESENCE_URL: silent.url, DELIVERY_PRESENCE_DEADLINE_MS: "300" });
  await ready(delivery);
  await run(userId);
  expect(await place.notificationsOf(userId)).toHaveLength(1);
});
