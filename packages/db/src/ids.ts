import type { SqlPool } from "./sql.ts";
import { withTransaction } from "./tx.ts";

/** The rows of `id_blocks`. */
export type IdName = "user" | "conversation" | "message";

export interface IdAllocator {
  /**
   * `count` ids that nobody else gets, without a round trip while the block lasts. Ids rise within a process, not
   * between processes, and are lost when it ends: nothing may be read from their order or their gaps.
   * Throws what the database threw if no block could be had; the next call tries again.
   */
  next(count: number): Promise<bigint[]>;
}

interface Range {
  next: bigint;
  /** Exclusive. */
  end: bigint;
}

/** Takes `blockSize` ids at a time; the next block is fetched when half of one is left, before anybody waits. */
export function createIdAllocator(sql: SqlPool, name: IdName, blockSize = 1000): IdAllocator {
  const ranges: Range[] = [];
  let left = 0;
  let refilling: Promise<void> | undefined;

  async function refillOnce(size: number): Promise<void> {
    const first = await reserveIds(sql, name, size);
    ranges.push({ next: first, end: first + BigInt(size) });
    left += size;
  }
  function refill(size: number): Promise<void> {
    refilling ??= refillOnce(size).finally(() => {
      refilling = undefined;
    });
    return refilling;
  }
  /** INVARIANT: runs without an await, so that no two callers see the same range. */
  function take(count: number): bigint[] {
    const ids: bigint[] = [];
    while (ids.length < count) {
      const range = ranges[0] as Range;
      while (ids.length < count && range.next < range.end) ids.push(range.next++);
      if (range.next === range.end) ranges.shift();
    }
    left -= count;
    return ids;
  }

  return {
    async next(count) {
      while (left < count) await refill(Math.max(blockSize, count));
      const ids = take(count);
      // Its failure is not this caller's: whoever finds the block empty tries again and hears of it.
      if (left < blockSize / 2) refill(blockSize).catch(() => {});
      return ids;
    },
  };
}

/** Moves the counter past `size` ids and returns the first of them. */
async function reserveIds(sql: SqlPool, name: IdName, size: number): Promise<bigint> {
  return withTransaction(sql, async (tx) => {
    const rows = await tx.$queryRaw<Array<{ next_id: bigint }>>`
      SELECT next_id FROM id_blocks WHERE name = ${name} FOR UPDATE`;
    const first = rows[0]?.next_id;
    if (first === undefined) throw new Error(`id_blocks has no row called ${name}`);
    await tx.$executeRaw`UPDATE id_blocks SET next_id = next_id + ${size} WHERE name = ${name}`;
    return first;
  });
}
