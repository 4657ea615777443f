/** P10: a transaction ends, with its retries, within one deadline. */
import { setTimeout as sleep } from "node:timers/promises";
import { ACQUIRE_TIMEOUT_MS, TRANSACTION_TIMEOUT_MS } from "./client.ts";
import { isConflict } from "./errors.ts";
import type { Prisma, PrismaClient } from "./generated/client.ts";

export type Transaction = Prisma.TransactionClient;

export interface TransactionOptions {
  /** For the jitter between tries, in [0, 1). */
  random?: () => number;
  /** All tries together. */
  timeoutMs?: number;
  /** Told of each lost try, for a metric. */
  onRetry?: (error: unknown, attempt: number) => void;
}

/**
 * Runs queries that all see the database as it was at the first of them (REPEATABLE READ): for an answer of several
 * parts, none of which may be newer than the revision that it names.
 */
export function withSnapshot<T>(prisma: PrismaClient, fn: (tx: Transaction) => Promise<T>): Promise<T> {
  return tryOnce(prisma, fn, TRANSACTION_TIMEOUT_MS, "RepeatableRead");
}

const RETRIES = 3;
const BACKOFF_MS = 10;

/**
 * Runs `fn` in a READ COMMITTED transaction, which is committed when it returns and rolled back when it throws.
 * After a deadlock or lock wait it runs again from its start, up to three times: `fn` must keep no state outside.
 * A connection that is lost is not retried, since the commit may have gone through: see `isUnavailable`.
 */
export async function withTransaction<T>(
  prisma: PrismaClient,
  fn: (tx: Transaction) => Promise<T>,
  { random = Math.random, timeoutMs = TRANSACTION_TIMEOUT_MS, onRetry }: TransactionOptions = {},
): Promise<T> {
  const endsAt = performance.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    const leftMs = Math.max(1, Math.ceil(endsAt - performance.now()));
    try {
      return await tryOnce(prisma, fn, leftMs);
    } catch (error) {
      // Full jitter: those who met in a deadlock must not meet again.
      const delayMs = random() * BACKOFF_MS * 2 ** attempt;
      if (attempt === RETRIES || !isConflict(error) || performance.now() + delayMs >= endsAt) throw error;
      onRetry?.(error, attempt + 1);
      await sleep(delayMs);
    }
  }
}

/**
 * Prisma refuses statements after its own timeout but waits for the one that is running (measured: a lock wait of
 * 2 s outlived a timeout of 300 ms). The caller does not wait; what ran on is rolled back, unless it was committing.
 */
async function tryOnce<T>(
  prisma: PrismaClient,
  fn: (tx: Transaction) => Promise<T>,
  timeoutMs: number,
  isolationLevel?: "RepeatableRead",
): Promise<T> {
  const deadline = Promise.withResolvers<never>();
  let late: Error | undefined;
  const timer = setTimeout(() => {
    late = Object.assign(new Error(`the transaction did not end within ${timeoutMs} ms`), {
      code: "ETIMEDOUT",
    });
    deadline.reject(late);
  }, timeoutMs);
  const guarded = async (tx: Transaction): Promise<T> => {
    const result = await fn(tx);
    if (late) throw late;
    return result;
  };
  const options = {
    timeout: timeoutMs,
    maxWait: Math.min(ACQUIRE_TIMEOUT_MS, timeoutMs),
    ...(isolationLevel && { isolationLevel }),
  };
  try {
    return await Promise.race([prisma.$transaction(guarded, options), deadline.promise]);
  } finally {
    clearTimeout(timer);
  }
}
