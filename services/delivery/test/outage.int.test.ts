/** P10: stores that are away are waited for, stopping never hangs, and a worker that makes no progress is noticed. */
import { Lifecycle } from "@confab/runtime";
import { createCut, startStopwatch, until } from "@confab/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { watchProgress } from "../src/progress.ts";
import { createPlace, type Place, ready } from "./harness.ts";

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

const unreadyReason = async (service: { url: string }) =>
  ((await (await fetch(`${service.url}/readyz`)).json()) as { reason?: string }).reason;

it.each([
  ["queue", "REDIS_QUEUE_URL", "redisQueueUrl"],
  ["mysql", "MYSQL_URL", "mysqlUrl"],
] as const)("starts without %s, waits, and works when it is there", async (reason, setting, store) => {
  const { userId } = await place.owe();
  await using cut = await createCut(place.stores[store]);
  await cut.cut();
  await using delivery = await place.start({ [setting]: cut.url });
  await place.enqueue(userId);
  await until(async () => (await unreadyReason(delivery)) === reason, { timeoutMs: 15_000 });
  expect((await fetch(`${delivery.url}/livez`)).ok).toBe(true);
  await cut.heal();
  await ready(delivery);
  await until(async () => (await place.notificationsOf(userId)).length === 1, { timeoutMs: 20_000 });
});

it("goes on after its connections to the queue were cut", async () => {
  await using cut = await createCut(place.stores.redisQueueUrl);
  await using delivery = await place.start({ REDIS_QUEUE_URL: cut.url });
  await ready(delivery);
  await cut.cut();
  await cut.heal();
  const { userId } = await place.owe();
  await place.enqueue(userId);
  await until(async () => (await place.notificationsOf(userId)).length === 1, { timeoutMs: 15_000 });
});

it.each(["at the start", "later"])(
  "stops in time while the queue is away (%s), and lets go of it",
  async (since) => {
    await using cut = await createCut(place.stores.redisQueueUrl);
    if (since === "at the start") await cut.cut();
    const delivery = await place.start({ REDIS_QUEUE_URL: cut.url });
    if (since === "later") await ready(delivery);
    await cut.cut();
    using stopping = startStopwatch();
    await delivery[Symbol.asyncDispose]();
    expect(stopping.awakeMs).toBeLessThan(20_000);
    await cut.heal();
    // A connection that was left to itself is back within a second; one round trip later all of them are seen.
    const reconnectsBy = performance.now() + 1_500;
    await until(() => performance.now() > reconnectsBy);
    expect(cut.connections).toBe(0);
  },
  60_000,
);

it("is no longer alive when jobs wait, nobody works and none ends", async () => {
  const lifecycle = new Lifecycle(place.log);
  const progress = watchProgress({
    url: place.stores.redisQueueUrl,
    names: place.names,
    log: place.log,
    lifecycle,
    stallMs: 400,
  });
  await until(() => progress.queueUsable);
  const { userId } = await place.owe();
  await place.enqueue(userId);
  await until(() => progress.waiting === 1);
  await until(() => progress.stalled());
  progress.noteFinished();
  expect(progress.stalled()).toBe(false);
  await until(() => progress.stalled());
  await place.queue.drain();
  await until(() => !progress.stalled());
  await lifecycle.stop();
});
