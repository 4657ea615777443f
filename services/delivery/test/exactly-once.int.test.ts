/** P8: at least once run, exactly once in effect, whatever becomes of workers and of the queue. */
import { createCut, startStopwatch, until } from "@confab/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { takeEffects } from "../src/effect.ts";
import type { PushMessage } from "../src/index.ts";
import { readOwed } from "../src/owed.ts";
import { plan } from "../src/plan.ts";
import { createPlace, type Place, ready } from "./harness.ts";

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

it("the same plan carried out eight times at once takes effect once", async () => {
  const { userId, conversationId } = await place.owe(5);
  const now = new Date();
  const owed = await readOwed(place.stores.sql, { userIds: [userId], limit: 10 });
  const actions = plan(owed.get(userId) ?? [], { status: "offline", now });
  const effects = await Promise.all(
    Array.from({ length: 8 }, () => takeEffects(place.stores.sql, [{ userId, actions }], now)),
  );
  expect(effects.flat().flatMap(({ created }) => created)).toHaveLength(1);
  expect(await place.notificationsOf(userId)).toHaveLength(1);
  expect((await place.memberOf(userId, conversationId)).notifiedSeq).toBe(5);
});

it("jobs for the same people on two instances at once take effect once", async () => {
  await using first = await place.start();
  await using second = await place.start();
  await Promise.all([ready(first), ready(second)]);
  const people = await Promise.all(Array.from({ length: 10 }, () => place.owe()));
  await place.queue.addBulk(
    people.flatMap(({ userId }) => Array.from({ length: 4 }, () => ({ name: "deliver", data: { userId } }))),
  );
  await place.idle();
  for (const { userId } of people) {
    expect(await place.notificationsOf(userId)).toHaveLength(1);
    expect(new Set(place.pushedTo(userId).map(({ tag }) => tag)).size).toBe(1);
  }
});

it("a push that fails is made again with the same tag, and nothing is written twice", async () => {
  const { userId } = await place.owe();
  const tried: PushMessage[] = [];
  await using delivery = await place.start(
    {},
    {
      send: async (message) => {
        tried.push(message);
        if (tried.length < 3) throw new Error("the push gateway is away");
      },
    },
  );
  await ready(delivery);
  await place.enqueue(userId);
  await until(async () => (await place.notificationsOf(userId))[0]?.pushedAt, { timeoutMs: 20_000 });
  expect(await place.notificationsOf(userId)).toHaveLength(1);
  expect(tried).toHaveLength(3);
  expect(new Set(tried.map(({ tag }) => tag)).size).toBe(1);
});

it("a worker that is lost between effect and completion is replaced: no second effect, one push that counts", async () => {
  // A queue of its own: who looks for lost workers keeps others from it for as long as its own lock lasts.
  await using own = await createPlace();
  const { userId } = await own.owe();
  await using queue = await createCut(own.stores.redisQueueUrl);
  const started = Promise.withResolvers<PushMessage>();
  const settings = { DELIVERY_PUSH_DEADLINE_MS: "60000", DELIVERY_LOCK_MS: "1000" };
  const lost = await own.start(
    { ...settings, REDIS_QUEUE_URL: queue.url },
    {
      send: (message) => {
        started.resolve(message);
        return new Promise(() => undefined);
      },
    },
  );
  await ready(lost);
  await own.enqueue(userId);
  const { tag } = await started.promise;
  await queue.cut();
  await using _other = await own.start(settings);
  await until(() => own.pushedTo(userId).length > 0, { timeoutMs: 30_000 });
  expect(own.pushedTo(userId).map((message) => message.tag)).toEqual([tag]);
  expect(await own.notificationsOf(userId)).toHaveLength(1);
  await until(async () => (await own.notificationsOf(userId))[0]?.pushedAt);
  using stopping = startStopwatch();
  await lost[Symbol.asyncDispose]();
  expect(stopping.awakeMs).toBeLessThan(25_000);
}, 90_000);

it("what is pushed late is not pushed to somebody who has it by then", async () => {
  const { userId } = await place.owe();
  const now = new Date();
  const owed = await readOwed(place.stores.sql, { userIds: [userId], limit: 10 });
  const actions = plan(owed.get(userId) ?? [], { status: "offline", now });
  await takeEffects(place.stores.sql, [{ userId, actions }], now);
  await place.prisma.conversationMember.updateMany({ where: { userId }, data: { deliveredSeq: 3 } });
  await using delivery = await place.start();
  await ready(delivery);
  await place.enqueue(userId);
  await place.idle();
  expect(place.pushedTo(userId)).toEqual([]);
});

it("a queue that lost everything is healed by asking again", async () => {
  const { userId } = await place.owe();
  await place.enqueue(userId);
  const keys = await place.queueRedis.keys(`${place.names.queuePrefix}:*`);
  await place.queueRedis.del(...keys);
  await using delivery = await place.start();
  await ready(delivery);
  expect(await place.notificationsOf(userId)).toEqual([]);
  await place.enqueue(userId);
  await until(async () => (await place.notificationsOf(userId)).length === 1, { timeoutMs: 15_000 });
});
