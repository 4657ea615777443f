import { setTimeout as wait } from "node:timers/promises";
import { Redis } from "ioredis";
import { expect, it } from "vitest";
import { startLoad } from "./load.ts";
import { type ProcessCluster, startProcessCluster } from "./process-cluster.ts";

/** How long a store is away (the figure): the length of the fault, not a wait for a condition. */
const OUTAGE_MS = 10_000;

async function underLoad(seed: number, fault: (cluster: ProcessCluster) => Promise<void>): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const cluster = cleanup.use(await startProcessCluster({ gateways: 2 }));
  const load = await startLoad(cluster, cleanup, { people: 6, seed });
  await load.progress(60);
  await fault(cluster);
  await load.progress(60);
  await load.finish();
}

async function command(url: string, ...words: [string, ...string[]]): Promise<void> {
  const redis = new Redis(url);
  await redis.call(...words);
  redis.disconnect();
}

it("the realtime Redis is killed for 10 s: sends go on, and what was not announced is found", () =>
  underLoad(11, async ({ stores }) => {
    stores.redisRealtime?.kill("SIGKILL");
    await wait(OUTAGE_MS);
    await stores.redisRealtime?.start();
  }));

it("only its pub/sub connections are killed, again and again: what they lost is found", () =>
  underLoad(12, async ({ stores }) => {
    for (let round = 0; round < 5; round++) {
      await command(stores.redisRealtimeUrl, "CLIENT", "KILL", "TYPE", "pubsub");
      await wait(1000);
    }
  }));

it("the queue Redis loses everything: who is owed is found again, once", () =>
  underLoad(13, async ({ stores }) => {
    await command(stores.redisQueueUrl, "FLUSHALL");
  }));

it("MariaDB is stopped for 10 s", () =>
  underLoad(14, async ({ stores }) => {
    await stores.mysql?.stop();
    await wait(OUTAGE_MS);
    await stores.mysql?.start();
  }));

it("MariaDB is killed", () =>
  underLoad(15, async ({ stores }) => {
    expect(stores.mysql).toBeDefined();
    stores.mysql?.kill("SIGKILL");
    await stores.mysql?.start();
  }));
