import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findLocalPrograms } from "../stores/local.ts";
import { askMysql } from "../stores/mysql.ts";
import { canConnect } from "../stores/ports.ts";
import { askRedis } from "../stores/redis.ts";
import type { Stores } from "../stores/types.ts";
import { startStores } from "../stores.ts";

const hasPrograms = findLocalPrograms() !== undefined;
const quiet = () => {};
let dir: string;
let stores: Stores;

beforeAll(async () => {
  if (!hasPrograms) return;
  dir = mkdtempSync(join(tmpdir(), "confab-stores-"));
  stores = await startStores({ mode: "local", dir, log: quiet });
});
afterAll(async () => {
  await stores?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

test.skipIf(!hasPrograms)("the settings that the promises rest on are in force", async () => {
  const [row] = await askMysql(
    stores.mysqlUrl,
    `SELECT @@innodb_flush_log_at_trx_commit AS durable, @@collation_server AS collation, @@time_zone AS zone,
      @@innodb_lock_wait_timeout AS patience, @@max_connections AS connections`,
  );
  expect(row).toMatchObject({
    collation: "utf8mb4_unicode_520_ci",
    zone: "+00:00",
  });
  expect([Number(row?.durable), Number(row?.patience), Number(row?.connections)]).toEqual([1, 5, 300]);
  const [isolation] = await askMysql(stores.mysqlUrl, "SHOW VARIABLES LIKE 't%\\_isolation'");
  expect(isolation?.Value).toBe("READ-COMMITTED");
  const policy = await askRedis(stores.redisQueueUrl, (redis) => redis.config("GET", "maxmemory-policy"));
  expect(policy).toEqual(["maxmemory-policy", "noeviction"]);
  expect(stores.flavour).toMatch(/^(MariaDB|MySQL) \d+\.\d+.*, (Redis|Valkey) \d+/);
});

test.skipIf(!hasPrograms)(
  "a killed database comes back on the same port with what was committed",
  async () => {
    await askMysql(stores.mysqlUrl, "CREATE DATABASE kept");
    const pid = stores.mysql?.pid;
    stores.mysql?.kill("SIGKILL");
    await stores.mysql?.start();
    expect(stores.mysql?.pid).not.toBe(pid);
    const databases = await askMysql(stores.mysqlUrl, "SHOW DATABASES LIKE 'kept'");
    expect(databases).toHaveLength(1);
  },
);

test.skipIf(!hasPrograms)("a stopped queue keeps its jobs, the realtime Redis keeps nothing", async () => {
  const urls = [stores.redisQueueUrl, stores.redisRealtimeUrl];
  for (const url of urls) await askRedis(url, (redis) => redis.set("job", "1"));
  await Promise.all([stores.redisQueue?.stop(), stores.redisRealtime?.stop()]);
  expect(await canConnect(stores.redisQueue?.port ?? 0)).toBe(false);
  await Promise.all([stores.redisQueue?.start(), stores.redisRealtime?.start()]);
  const kept = await Promise.all(urls.map((url) => askRedis(url, (redis) => redis.get("job"))));
  expect(kept).toEqual(["1", null]);
});

test.skipIf(!hasPrograms)(
  "what a killed parent left running is ended by the next start on that directory",
  async () => {
    const orphans = [stores.mysql?.pid, stores.redisQueue?.pid, stores.redisRealtime?.pid];
    const next = await startStores({ mode: "local", dir, log: quiet });
    expect([stores.mysql?.pid, stores.redisQueue?.pid, stores.redisRealtime?.pid]).toEqual(
      orphans.map(() => undefined),
    );
    expect(await askMysql(next.mysqlUrl, "SHOW DATABASES LIKE 'kept'")).toHaveLength(1);
    stores = next;
  },
);
