/** The shapes that `errors.ts` reads, as this server, driver and Prisma really throw them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectBare } from "../src/connect.ts";
import { createDb, type Db, isConflict, isDuplicateKey, isUnavailable, Prisma } from "../src/index.ts";
import { createScratch, type Scratch } from "./scratch.ts";

let scratch: Scratch;
let db: Db;
beforeAll(async () => {
  scratch = await createScratch();
  db = await createDb({ url: scratch.url, poolSize: 2 });
});
afterAll(async () => {
  await db[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

async function failure(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.unreachable("it went well"),
    (error: unknown) => error,
  );
}

test("a duplicate key names its index", async () => {
  const insert = (id: string) =>
    db.prisma
      .$executeRaw`INSERT INTO users (id, username, display_name, created_at) VALUES (${id}, 'ada', 'Ada', NOW(3))`;
  await insert("1");
  const byName = await failure(insert("2"));
  expect(isDuplicateKey(byName, "ux_users_username")).toBe(true);
  expect(isDuplicateKey(byName, "PRIMARY")).toBe(false);
  expect(isDuplicateKey(await failure(insert("1")), "PRIMARY")).toBe(true);
  const data = { id: "1", displayName: "Ada", createdAt: new Date() };
  expect(isDuplicateKey(await failure(db.prisma.user.create({ data })), "PRIMARY")).toBe(true);
  const inTransaction = db.prisma.$transaction((tx) => tx.user.create({ data }));
  expect(isDuplicateKey(await failure(inTransaction), "PRIMARY")).toBe(true);
});

test("a lock wait is a conflict, from a model as from raw SQL", async () => {
  await using holder = await hold("UPDATE id_blocks SET next_id = next_id + 1 WHERE name = 'user'");
  const [raw, model] = await Promise.all([
    failure(db.prisma.$executeRaw`UPDATE id_blocks SET next_id = 5 WHERE name = 'user'`),
    failure(db.prisma.idBlock.update({ where: { name: "user" }, data: { nextId: 5n } })),
  ]);
  expect([isConflict(raw), isConflict(model)]).toEqual([true, true]);
  expect(holder).toBeDefined();
});

test("too few connections: unavailable before one of them is free", async () => {
  // A query of Prisma begins with `then`, not before.
  const sleeping = [1, 2].map(() => db.prisma.$queryRaw`SELECT SLEEP(4)`.then(() => undefined));
  const [query, begin] = await Promise.all([
    failure(db.prisma.$queryRaw`SELECT 1`),
    failure(db.prisma.$transaction((tx) => tx.$queryRaw`SELECT 1`)),
  ]);
  expect([isUnavailable(query), isUnavailable(begin)]).toEqual([true, true]);
  await Promise.allSettled(sleeping);
});

test("a connection that the server ends: unavailable, and the next query has a new one", async () => {
  const killed = db.prisma.$transaction(async (tx) => {
    const [row] = await tx.$queryRaw<[{ id: bigint }]>`SELECT CONNECTION_ID() AS id`;
    await db.prisma.$executeRaw`KILL ${Prisma.raw(String(row.id))}`;
    await tx.$queryRaw`SELECT 1`;
  });
  expect(isUnavailable(await failure(killed))).toBe(true);
  expect(await db.prisma.$queryRaw`SELECT 1 AS one`).toEqual([{ one: 1 }]);
});

test("a mistake in the SQL is nobody's fault but ours", async () => {
  const error = await failure(db.prisma.$queryRaw`SELECT * FROM absent`);
  expect([isUnavailable(error), isConflict(error), isDuplicateKey(error)]).toEqual([false, false, false]);
});

/** Keeps the locks of a statement until it is disposed of. */
async function hold(sql: string): Promise<AsyncDisposable> {
  const connection = await connectBare(scratch.url);
  await connection.beginTransaction();
  await connection.query(sql);
  return { [Symbol.asyncDispose]: () => connection.end() };
}
