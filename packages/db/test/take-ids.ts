/** A process that takes ids as fast as it can: `take-ids.ts <url> <how many> <block size>`; prints them. */
import { createDb, createIdAllocator } from "../src/index.ts";

const [url = "", count, blockSize] = process.argv.slice(2);
const db = await createDb({ url, poolSize: 3 });
const ids = createIdAllocator(db.sql, "message", Number(blockSize));
const taken = await Promise.all(
  Array.from({ length: Number(count) / 5 }, (_, index) => ids.next(1 + (index % 9))),
);
console.log(taken.flat().join(" "));
await db[Symbol.asyncDispose]();
