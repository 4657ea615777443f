import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDb, createIdAllocator, type Db } from "../src/index.ts";
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

async function counter(name: string): Promise<bigint> {
  return (await db.prisma.idBlock.findUniqueOrThrow({ where: { name } })).nextId;
}

test("many at once share one block, and nobody else's ids", async () => {
  const first = await counter("conversation");
  const ids = createIdAllocator(db.sql, "conversation");
  const taken = (await Promise.all(Array.from({ length: 100 }, () => ids.next(4)))).flat();
  expect(new Set(taken).size).toBe(400);
  expect(taken.toSorted()).toEqual(
    Array.from({ length: 400 }, (_, index) => first + BigInt(index)).toSorted(),
  );
  expect(await counter("conversation")).toBe(first + 1000n);
});

test("while the block lasts, the database is not asked", async () => {
  const ids = createIdAllocator(db.sql, "user", 100);
  await ids.next(1);
  const away = await createDb({ url: scratch.url });
  await away[Symbol.asyncDispose]();
  const before = await counter("user");
  await db.prisma.$transaction(async (tx) => {
    await tx.$queryRaw`SELECT next_id FROM id_blocks WHERE name = 'user' FOR UPDATE`;
    expect(await ids.next(40)).toHaveLength(40);
  });
  expect(await counter("user")).toBe(before);
});

test("fetches the next block before the last id is gone", async () => {
  const ids = createIdAllocator(db.sql, "user", 10);
  const before = await counter("user");
  await ids.next(6);
  await expect.poll(() => counter("user")).toBe(before + 20n);
});

test("more than a block at once, and none at all", async () => {
  const ids = createIdAllocator(db.sql, "user", 10);
  const taken = await ids.next(35);
  expect(new Set(taken).size).toBe(35);
  expect(await ids.next(0)).toEqual([]);
});

test("survives a block that could not be had", async () => {
  const ids = createIdAllocator(db.sql, "message", 10);
  const rename = (from: string, to: string) =>
    db.prisma.idBlock.update({ where: { name: from }, data: { name: to } });
  await rename("message", "gone");
  const refused = await Promise.allSettled([ids.next(1), ids.next(1)]);
  expect(refused.map((result) => result.status)).toEqual(["rejected", "rejected"]);
  await rename("gone", "message");
  expect(await ids.next(3)).toHaveLength(3);
});

test("several processes at once never hand out the same id", async () => {
  const run = promisify(execFile);
  const script = fileURLToPath(new URL("take-ids.ts", import.meta.url));
  const args = ["--conditions=@confab/source", script, scratch.url, "1500", "20"];
  const outputs = await Promise.all([1, 2, 3].map(() => run(process.execPath, args)));
  const taken = outputs.flatMap(({ stdout }) => stdout.trim().split(" "));
  expect(taken.length).toBeGreaterThan(4000);
  expect(new Set(taken).size).toBe(taken.length);
});
