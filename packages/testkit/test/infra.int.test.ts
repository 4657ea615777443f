import { Redis } from "ioredis";
import { afterEach, expect, test, vi } from "vitest";
import { createTestStores, insertConversation, insertMessages, insertUsers } from "../src/index.ts";

afterEach(() => vi.unstubAllEnvs());

async function withRedis<T>(url: string, fn: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await fn(redis);
  } finally {
    redis.disconnect();
  }
}

test("each has a database and keys of its own, and leaves nothing behind", async () => {
  const first = await createTestStores();
  const second = await createTestStores();
  await insertUsers(first, 3);
  expect(await first.prisma.user.count()).toBe(3);
  expect(await second.prisma.user.count()).toBe(0);
  for (const url of [first.redisRealtimeUrl, first.redisQueueUrl]) {
    await withRedis(url, async (redis) => {
      await redis.set(`${first.redisPrefix}:presence:{1}`, "x");
      await redis.set(`{${first.redisPrefix}}:deliver:id`, "x");
      await redis.set(`${second.redisPrefix}:kept`, "x");
    });
  }
  await first[Symbol.asyncDispose]();
  for (const url of [first.redisRealtimeUrl, first.redisQueueUrl]) {
    expect(await withRedis(url, (redis) => redis.keys(`*${first.redisPrefix}*`))).toEqual([]);
    expect(await withRedis(url, (redis) => redis.exists(`${second.redisPrefix}:kept`))).toBe(1);
  }
  const name = new URL(first.mysqlUrl).pathname.slice(1);
  expect(
    await second.query("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", [name]),
  ).toEqual([]);
  await second[Symbol.asyncDispose]();
});

test("says what to run when there are no stores", async () => {
  vi.stubEnv("TEST_MYSQL_URL", "");
  await expect(createTestStores()).rejects.toThrow(
    'TEST_MYSQL_URL is not set: integration tests need stores; "npm',
  );
});

test("what it inserts keeps the promises of the message service", async () => {
  await using stores = await createTestStores();
  const [ada, ben] = (await insertUsers(stores, 2)) as [string, string];
  const direct = await insertConversation(stores, { kind: "direct", memberIds: [ben, ada] });
  await insertMessages(stores, { conversationId: direct, senderId: ada, count: 700 });
  const ids = await insertMessages(stores, {
    conversationId: direct,
    senderId: ben,
    count: 2,
    body: (seq) => `no. ${seq}`,
  });
  expect(
    await stores.query("SELECT direct_key, last_seq, revision FROM conversations WHERE id = ?", [direct]),
  ).toEqual([{ direct_key: `${ada} ${ben}`, last_seq: 702, revision: 703 }]);
  expect(await stores.query("SELECT MIN(seq) AS a, MAX(seq) AS b, COUNT(*) AS n FROM messages")).toEqual([
    { a: 1, b: 702, n: 702 },
  ]);
  expect(await stores.query("SELECT id, body, revision FROM messages WHERE seq > 700 ORDER BY seq")).toEqual([
    { id: Number(ids[0]), body: "no. 701", revision: 702 },
    { id: Number(ids[1]), body: "no. 702", revision: 703 },
  ]);
});
