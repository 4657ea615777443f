import { randomBytes } from "node:crypto";
import {
  createDatabase,
  createDb,
  deployMigrations,
  dropDatabase,
  type PrismaClient,
  type SqlPool,
} from "@confab/db";
import { Redis } from "ioredis";

export interface TestStores extends AsyncDisposable {
  /** A migrated, empty database of this test file alone. */
  mysqlUrl: string;
  redisRealtimeUrl: string;
  redisQueueUrl: string;
  /** For REDIS_PREFIX: every key and channel that it begins belongs to this test file. */
  redisPrefix: string;
  /** For the test itself, to arrange and to look; the code under test makes its own. */
  prisma: PrismaClient;
  sql: SqlPool;
  /** Any SQL, for looking: numbers come as numbers, also BIGINTs below 2^53. */
  query(sql: string, values?: unknown[]): Promise<Array<Record<string, unknown>>>;
}

/** Own stores for one test file, gone when disposed. Throws when `npm test -- int` did not start the servers. */
export async function createTestStores(): Promise<TestStores> {
  const mysqlAdminUrl = readUrl("TEST_MYSQL_URL");
  const redisRealtimeUrl = readUrl("TEST_REDIS_REALTIME_URL");
  const redisQueueUrl = readUrl("TEST_REDIS_QUEUE_URL");
  // Dashes: what REDIS_PREFIX allows is good for a database, too.
  const name = `confab-test-${randomBytes(6).toString("hex")}`;
  const mysqlUrl = await createDatabase(mysqlAdminUrl, name);
  await deployMigrations(mysqlUrl);
  const db = await createDb({ url: mysqlUrl, poolSize: 4 });
  return {
    mysqlUrl,
    redisRealtimeUrl,
    redisQueueUrl,
    redisPrefix: name,
    prisma: db.prisma,
    sql: db.sql,
    query: (sql, values = []) => query(db.prisma, sql, values),
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await dropDatabase(mysqlAdminUrl, name);
      await Promise.all([...new Set([redisRealtimeUrl, redisQueueUrl])].map((url) => deleteKeys(url, name)));
    },
  };
}

async function query(prisma: PrismaClient, sql: string, values: unknown[]) {
  const rows = await prisma.$queryRawUnsafe<Array<Record<string, unknown>>>(sql, ...values);
  const plain = (value: unknown) =>
    typeof value === "bigint" && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])),
  );
}

function readUrl(name: string): string {
  const url = process.env[name];
  if (url) return url;
  throw new Error(`${name} is not set: integration tests need stores; "npm test -- int" starts them`);
}

/** Keys begin with the prefix, or with it in braces (BullMQ). */
async function deleteKeys(url: string, prefix: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, commandTimeout: 5_000, connectTimeout: 2_000 });
  redis.on("error", () => {}); // The command that meets it fails and says so.
  try {
    for (const pattern of [`${prefix}*`, `{${prefix}*`]) {
      for await (const keys of redis.scanStream({ match: pattern, count: 1000 })) {
        if (keys.length > 0) await redis.unlink(...keys);
      }
    }
  } finally {
    redis.disconnect();
  }
}
