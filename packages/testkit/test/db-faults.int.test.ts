/** P10 for packages/db, which cannot import this kit: what its settings do when the wire to MySQL fails. */
import { createDb, type Db, isUnavailable, openDb, withTransaction } from "@confab/db";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  type Cut,
  createCut,
  createTestStores,
  startStopwatch,
  type TestStores,
  until,
} from "../src/index.ts";

let stores: TestStores;
let wire: Cut;
let running: AsyncDisposableStack;
beforeEach(async () => {
  running = new AsyncDisposableStack();
  stores = running.use(await createTestStores());
  wire = running.use(await createCut(stores.mysqlUrl));
});
afterEach(() => running.disposeAsync());

const connect = async (): Promise<Db> => running.use(await createDb({ url: wire.url, poolSize: 3 }));
const ask = (db: Db) => db.prisma.$queryRaw<[{ one: number }]>`SELECT 1 AS one`;

async function failure(work: PromiseLike<unknown>): Promise<{ error: unknown; afterMs: number }> {
  using watch = startStopwatch();
  try {
    await work;
  } catch (error) {
    return { error, afterMs: watch.awakeMs };
  }
  return expect.unreachable("it went well");
}

test("a wire that is cut: refused in time, and whole again without a restart", async () => {
  const db = await connect();
  await ask(db);
  await wire.cut();
  const { error, afterMs } = await failure(ask(db));
  expect(isUnavailable(error)).toBe(true);
  expect(afterMs).toBeLessThan(3000);
  const inTransaction = await failure(withTransaction(db.sql, (tx) => tx.$queryRaw`SELECT 1`));
  expect(isUnavailable(inTransaction.error)).toBe(true);
  expect(inTransaction.afterMs).toBeLessThan(3000);
  await wire.heal();
  await until(() => ask(db), { describe: "MySQL answers again" });
});

test("a server that freezes: every query ends, and the pool recovers", async () => {
  const db = await connect();
  await Promise.all([1, 2, 3].map(() => ask(db)));
  wire.freeze();
  const results = await Promise.all([
    failure(ask(db)),
    failure(withTransaction(db.sql, (tx) => tx.$queryRaw`SELECT 1`)),
    ...[1, 2, 3, 4].map(() => failure(ask(db))),
  ]);
  for (const { error, afterMs } of results) {
    expect(isUnavailable(error)).toBe(true);
    // 2 s for a connection, 5 s for an answer.
    expect(afterMs).toBeLessThan(7500);
  }
  await wire.heal();
  await until(() => ask(db), { describe: "MySQL answers again" });
  await Promise.all([1, 2, 3].map(() => ask(db)));
});

test("an answer that is lost: the transaction may have been committed, and is not run twice", async () => {
  const db = await connect();
  let tries = 0;
  const { error } = await failure(
    withTransaction(
      db.sql,
      async (tx) => {
        tries++;
        await tx.$executeRaw`UPDATE id_blocks SET next_id = 5000 WHERE name = 'user'`;
        wire.holdAnswers();
      },
      { timeoutMs: 3000 },
    ),
  );
  expect(isUnavailable(error)).toBe(true);
  expect(tries).toBe(1);
  expect(await stores.query("SELECT next_id FROM id_blocks WHERE name = 'user'")).toEqual([
    { next_id: 5000 },
  ]);
});

test("a client is let go of while the server is frozen", async () => {
  const db = await createDb({ url: wire.url, poolSize: 2 });
  await ask(db);
  wire.freeze();
  using watch = startStopwatch();
  await db[Symbol.asyncDispose]();
  expect(watch.awakeMs).toBeLessThan(6000);
});

test("a service that can wait opens without MySQL, and has it once it is there", async () => {
  await wire.cut();
  await expect(createDb({ url: wire.url })).rejects.toThrow("ECONNREFUSED");
  const warnings: string[] = [];
  const opening = running.use(
    openDb({ url: wire.url, log: { warn: (_, message) => void warnings.push(message) } }),
  );
  expect(opening.prisma).toBeUndefined();
  await until(() => warnings.length > 0);
  await wire.heal();
  const prisma = await opening.connected;
  expect(await prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
  expect(warnings).toEqual(["MySQL is away"]);
});

test("a slow wire is slow, not broken", async () => {
  const db = await connect();
  wire.delay(50);
  expect(await ask(db)).toEqual([{ one: 1 }]);
});
