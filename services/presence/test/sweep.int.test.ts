/** P7 with several instances: each change is told once, and also when the one who found it is gone. */
import { createCut, until } from "@confab/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPlace, lease, type Place } from "./harness.ts";

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

it("two instances sweep 300 people who fell silent, and each is told about once", async () => {
  const people = Array.from({ length: 300 }, (_, i) => `silent:${i}`);
  await place.watch(...people);
  const quick = { PRESENCE_LEASE_TTL_MS: "1500" };
  await using first = await place.start(quick);
  await using _second = await place.start(quick);
  await first.change(...people.map((userId) => lease(`${userId}-phone`, userId, "open")));
  const offline = () => place.published.filter(({ status }) => status === "offline");
  await until(() => new Set(offline().map(({ userId }) => userId)).size === people.length);
  await until(
    async () => (await place.stores.prisma.userPresence.count({ where: { status: "offline" } })) === 300,
  );
  expect(offline()).toHaveLength(people.length);
});

it("a change whose finder ended before it was told is taken up by another", async () => {
  const userId = "orphan";
  await place.watch(userId);
  // Says nothing and writes nothing within the test.
  const muted = { PRESENCE_PUBLISH_INTERVAL_MS: "600000", PRESENCE_MIRROR_INTERVAL_MS: "600000" };
  await using first = await place.start({ ...muted, PRESENCE_RESEND_MS: "300" });
  await first.change(lease("orphan-phone", userId, "open"));
  await until(() => place.publishedOf(userId).length === 1);
  await first.change(lease("orphan-phone", userId, "close", { left: true }));
  expect(place.publishedOf(userId)).toHaveLength(1);
  await using _second = await place.start({ PRESENCE_RESEND_MS: "300" });
  await until(() => place.publishedOf(userId).at(-1)?.status === "offline");
  await until(() => place.isSettled(userId));
});

it("a person's changes are published at most once per interval, and the last one wins", async () => {
  const userId = "flapping";
  await place.watch(userId);
  await using presence = await place.start({ PRESENCE_PUBLISH_INTERVAL_MS: "400" });
  const startedAt = performance.now();
  await presence.change(lease("flapping-phone", userId, "open", { active: true }));
  for (let i = 0; i < 24; i++) {
    await presence.change(lease("flapping-phone", userId, "beat", { active: i % 2 === 0 }));
  }
  const statuses = () => place.publishedOf(userId).map(({ status }) => status);
  await until(() => statuses().length > 1 && statuses().at(-1) === "idle");
  const intervals = Math.ceil((performance.now() - startedAt) / 400);
  expect(statuses().length).toBeLessThanOrEqual(intervals + 1);
  expect(statuses()[0]).toBe("online");
});

it("a Redis that is slow to answer is told of a change once", async () => {
  const userId = "slow";
  await place.watch(userId);
  await using redis = await createCut(place.stores.redisRealtimeUrl);
  await using presence = await place.start({ REDIS_REALTIME_URL: redis.url });
  redis.delay(150);
  await presence.change(lease("slow-phone", userId, "open"));
  await until(() => place.isSettled(userId));
  expect(place.publishedOf(userId)).toHaveLength(1);
});
