import { afterAll, beforeAll, expect, test } from "vitest";
import { connectBare } from "../src/connect.ts";
import {
  createDb,
  type Db,
  isUnavailable,
  type Transaction,
  withSnapshot,
  withTransaction,
} from "../src/index.ts";
import { createScratch, type Scratch } from "./scratch.ts";

let scratch: Scratch;
let db: Db;
beforeAll(async () => {
  scratch = await createScratch();
  db = await createDb({ url: scratch.url });
});
afterAll(async () => {
  await db[Symbol.asyncDispose]();
  await scratch[Symbol.asyncDispose]();
});

const bump = (tx: Transaction, name: string) =>
  tx.$executeRaw`UPDATE id_blocks SET next_id = next_id + 1 WHERE name = ${name}`;
async function read(name: string): Promise<bigint> {
  const row = await db.prisma.idBlock.findUniqueOrThrow({ where: { name } });
  return row.nextId;
}

test("commits what returns, rolls back what throws", async () => {
  const before = await read("user");
  expect(await withTransaction(db.sql, (tx) => bump(tx, "user"))).toBe(1);
  const failing = withTransaction(db.sql, async (tx) => {
    await bump(tx, "user");
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  expect(await read("user")).toBe(before + 1n);
});

test("a snapshot sees one moment, whatever is committed meanwhile", async () => {
  const before = await read("user");
  const seen = await withSnapshot(db.sql, async (tx) => {
    const row = async () =>
      (await tx.$queryRaw<[{ next_id: bigint }]>`SELECT next_id FROM id_blocks WHERE name = 'user'`)[0];
    const first = await row();
    await withTransaction(db.sql, (other) => bump(other, "user"));
    return [first.next_id, (await row()).next_id];
  });
  expect(seen).toEqual([before, before]);
  expect(await read("user")).toBe(before + 1n);
});

test("both sides of a deadlock succeed, the loser by running again", async () => {
  const before = [await read("user"), await read("message")];
  const retried: number[] = [];
  const firstLocks = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const cross = (own: 0 | 1, first: string, second: string) =>
    withTransaction(
      db.sql,
      async (tx) => {
        await bump(tx, first);
        firstLocks[own].resolve();
        await firstLocks[1 - own]?.promise;
        await bump(tx, second);
      },
      { onRetry: (_, attempt) => void retried.push(attempt) },
    );
  await Promise.all([cross(0, "user", "message"), cross(1, "message", "user")]);
  expect(retried).toEqual([1]);
  expect([await read("user"), await read("message")]).toEqual(before.map((value) => value + 2n));
});

test("more at once than there are connections, on one row: all take effect once", async () => {
  // Few, since each waits for the disk with all the others behind it, and none waits for a connection for ever.
  await using narrow = await createDb({ url: scratch.url, poolSize: 3 });
  const before = await read("conversation");
  await Promise.all(
    Array.from({ length: 12 }, () => withTransaction(narrow.sql, (tx) => bump(tx, "conversation"))),
  );
  expect(await read("conversation")).toBe(before + 12n);
});

test("gives up after three retries, without waiting between them when chance says so", async () => {
  let tries = 0;
  const losing = withTransaction(
    db.sql,
    async () => {
      tries++;
      throw Object.assign(new Error("write conflict"), { code: "P2034" });
    },
    { random: () => 0 },
  );
  await expect(losing).rejects.toThrow("write conflict");
  expect(tries).toBe(4);
});

test("a key that is taken is not tried again", async () => {
  let tries = 0;
  const taken = withTransaction(db.sql, (tx) => {
    tries++;
    return tx.$executeRaw`INSERT INTO id_blocks VALUES ('user', 1)`;
  });
  await expect(taken).rejects.toThrow();
  expect(tries).toBe(1);
});

test("ends at its deadline, also while a statement runs, and takes no effect", async () => {
  const before = await read("user");
  await using holder = await holdMessages();
  const late = withTransaction(
    db.sql,
    async (tx) => {
      await bump(tx, "user");
      await bump(tx, "message");
    },
    { timeoutMs: 300 },
  );
  const error = await late.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(isUnavailable(error)).toBe(true);
  // The lock wait would have ended with an error of its own.
  expect(error).toMatchObject({ message: "the transaction did not end within 300 ms" });
  await holder.release();
  // Waits for the row lock of the late one, if that is still there.
  await withTransaction(db.sql, (tx) => bump(tx, "user"));
  expect(await read("user")).toBe(before + 1n);
});

test("what returns after the deadline is not committed", async () => {
  const before = await read("user");
  const gate = Promise.withResolvers<void>();
  const late = withTransaction(
    db.sql,
    async (tx) => {
      await bump(tx, "user");
      await gate.promise;
    },
    { timeoutMs: 200 },
  );
  await late.catch(() => gate.resolve());
  await withTransaction(db.sql, (tx) => bump(tx, "user"));
  expect(await read("user")).toBe(before + 1n);
});

test("the session is strict, in UTC, READ COMMITTED and compares by bytes", async () => {
  await db.prisma.$queryRaw`SELECT 1`;
  const [row] = await db.prisma.$queryRaw<[Record<string, unknown>]>`
    SELECT @@session.time_zone AS zone, @@session.sql_mode AS mode, @@session.collation_connection AS collation,
      @@session.innodb_lock_wait_timeout AS lock_wait`;
  expect(row).toEqual({
    zone: "+00:00",
    mode: "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
    collation: "utf8mb4_bin",
    lock_wait: 2n,
  });
  // Seen by its effect, since servers call the variable differently: what others commit meanwhile is visible.
  await withTransaction(db.sql, async (tx) => {
    const look = () => tx.$queryRaw<[{ next_id: bigint }]>`SELECT next_id FROM id_blocks WHERE name = 'user'`;
    const [first] = await look();
    await db.prisma.$executeRaw`UPDATE id_blocks SET next_id = next_id + 1 WHERE name = 'user'`;
    const [second] = await look();
    expect(second.next_id).toBe(first.next_id + 1n);
  });
});

async function holdMessages() {
  const connection = await connectBare(scratch.url);
  await connection.beginTransaction();
  await connection.query("UPDATE id_blocks SET next_id = next_id WHERE name = 'message'");
  const release = () => connection.rollback();
  return { release, [Symbol.asyncDispose]: () => connection.end() };
}
