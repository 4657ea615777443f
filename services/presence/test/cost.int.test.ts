/** How cost grows: by round trips, not by connections (research/performance.md 3.9). */
import { connect, createServer } from "node:net";
import { until } from "@confab/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createPlace, lease, type Place } from "./harness.ts";

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

/** A way to Redis that counts how often a question follows an answer, and keeps the questions. */
async function createCounter(url: string) {
  const counted = { roundTrips: 0, said: "" };
  const server = createServer((client) => {
    const upstream = connect(Number(new URL(url).port), "127.0.0.1");
    let answered = true;
    client.on("data", (data) => {
      if (answered) counted.roundTrips += 1;
      answered = false;
      counted.said += data.toString("latin1");
      upstream.write(data);
    });
    upstream.on("data", (data) => {
      answered = true;
      client.write(data);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      one.on("error", () => undefined);
      one.on("close", () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return { counted, url: `redis://127.0.0.1:${port}`, [Symbol.dispose]: () => void server.close() };
}

it("a beat of 5,000 connections is a handful of round trips and scripts", async () => {
  using counter = await createCounter(place.stores.redisRealtimeUrl);
  await using presence = await place.start({
    REDIS_REALTIME_URL: counter.url,
    PRESENCE_SWEEP_INTERVAL_MS: "1000",
    PRESENCE_MIRROR_INTERVAL_MS: "600000",
    PRESENCE_PUBLISH_INTERVAL_MS: "600000",
  });
  const changes = (change: "open" | "beat") =>
    Array.from({ length: 5000 }, (_, i) => lease(`c${i}`, `crowd:${i % 4000}`, change, { active: true }));
  expect(Object.keys(await presence.change(...changes("open")))).toHaveLength(5000);
  Object.assign(counter.counted, { roundTrips: 0, said: "" });
  await presence.change(...changes("beat"));
  // A large write goes out in pieces, and the first answers may arrive before its end.
  expect(counter.counted.roundTrips).toBeLessThanOrEqual(20);
  // Two parts of each of 16 shards, and a look of the sweeper.
  expect(counter.counted.said.match(/eval(sha)?\r\n/gi)?.length).toBeLessThanOrEqual(64);
});

it("a look that finds nobody due is one round trip, and one small command for each shard", async () => {
  using counter = await createCounter(place.stores.redisRealtimeUrl);
  await using presence = await place.start({
    REDIS_REALTIME_URL: counter.url,
    PRESENCE_SWEEP_INTERVAL_MS: "50",
    PRESENCE_LEAVE_GRACE_MS: "50",
    PRESENCE_RESEND_MS: "600000",
  });
  await presence.change(lease("quiet-phone", "quiet", "open"));
  const said = (command: string) => counter.counted.said.split(`\r\n${command}\r\n`).length - 1;
  await until(() => place.isSettled("quiet"));
  await until(() => said("time") > 2);
  Object.assign(counter.counted, { roundTrips: 0, said: "" });
  await until(() => said("time") >= 20);
  const looks = said("time");
  // The audit's question, once in a while.
  expect(counter.counted.roundTrips).toBeLessThanOrEqual(looks + 4);
  expect(said("zrange")).toBeLessThanOrEqual(16 * looks);
  expect([said("evalsha"), said("zrangebyscore")]).toEqual([0, 0]);
});
