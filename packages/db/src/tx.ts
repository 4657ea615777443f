/** P10: a transaction ends, with its retries, within one deadline. */
import { setTimeout as sleep } from "node:timers/promises";
import type { PoolConnection } from "mariadb";
import { ACQUIRE_TIMEOUT_MS, TRANSACTION_TIMEOUT_MS } from "./client.ts";
import { isConflict } from "./errors.ts";
import { Prisma, type PrismaClient } from "./generated/client.ts";
import { countOf, type Queries, rowsOf, type SqlPool, send, toSql } from "./sql.ts";

/** Statements that are committed together or not at all. */
export interface Transaction extends Queries {
  /** Several at once, in one round trip; the rows of each, or of a statement without rows, nothing. */
  $together(statements: Prisma.Sql[]): Promise<unknown[][]>;
  /** The last statements and the commit, in one round trip: if one of them fails, nothing is committed. */
  $commit(statements: Prisma.Sql[]): Promise<void>;
}

/** A transaction of Prisma's client, for code that works with models. It costs about three times as much. */
export type ModelTransaction = Prisma.TransactionClient;

export interface TransactionOptions {
  /** For the jitter between tries, in [0, 1). */
  random?: () => number;
  /** All tries together. */
  timeoutMs?: number;
  /** Told of each lost try, for a metric. */
  onRetry?: (error: unknown, attempt: number) => void;
}

const BEGIN = Prisma.sql`BEGIN`;
const BEGIN_SNAPSHOT = Prisma.sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; BEGIN`;
const COMMIT = Prisma.sql`COMMIT`;

const RETRIES = 3;
const BACKOFF_MS = 10;

/**
 * Runs `fn` in a READ COMMITTED transaction, which is committed when it returns and rolled back when it throws.
 * After a deadlock or lock wait it runs again from its start, up to three times: `fn` must keep no state outside.
 * A connection that is lost is not retried, since the commit may have gone through: see `isUnavailable`.
 */
export function withTransaction<T>(
  sql: SqlPool,
  fn: (tx: Transaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return retrying(options, (timeoutMs) => runOnce(sql, BEGIN, fn, timeoutMs));
}

/**
 * Runs queries that all see the database as it was at the first of them (REPEATABLE READ): for an answer of several
 * parts, none of which may be newer than the revision that it names.
 */
export function withSnapshot<T>(sql: SqlPool, fn: (tx: Transaction) => Promise<T>): Promise<T> {
  return runOnce(sql, BEGIN_SNAPSHOT, fn, TRANSACTION_TIMEOUT_MS);
}

/** As `withTransaction`, for code that works with models. */
export function withModels<T>(
  prisma: PrismaClient,
  fn: (tx: ModelTransaction) => Promise<T>,
  options: TransactionOptions = {},
): Promise<T> {
  return retrying(options, (timeoutMs) =>
    withinDeadline(timeoutMs, (deadline) =>
      prisma.$transaction(
        async (tx) => {
          const result = await fn(tx);
          deadline.check();
          return result;
        },
        { timeout: timeoutMs, maxWait: Math.min(ACQUIRE_TIMEOUT_MS, timeoutMs) },
      ),
    ),
  );
}

async function retrying<T>(
  { random = Math.random, timeoutMs = TRANSACTION_TIMEOUT_MS, onRetry }: TransactionOptions,
  tryOnce: (timeoutMs: number) => Promise<T>,
): Promise<T> {
  const endsAt = performance.now() + timeoutMs;
  for (let attempt = 0; ; attempt++) {
    const leftMs = Math.max(1, Math.ceil(endsAt - performance.now()));
    try {
      return await tryOnce(leftMs);
    } catch (error) {
      // Full jitter: those who met in a deadlock must not meet again.
      const delayMs = random() * BACKOFF_MS * 2 ** attempt;
      if (attempt === RETRIES || !isConflict(error) || performance.now() + delayMs >= endsAt) throw error;
      onRetry?.(error, attempt + 1);
      await sleep(delayMs);
    }
  }
}

interface Deadline {
  /** Throws once the deadline has passed. */
  check(): void;
}

/**
 * The caller does not wait longer than this, also while a statement runs (a lock wait, a server that froze). What runs
 * on is told by `check`, and rolls back.
 */
async function withinDeadline<T>(timeoutMs: number, work: (deadline: Deadline) => Promise<T>): Promise<T> {
  const expiry = Promise.withResolvers<never>();
  let late: Error | undefined;
  const timer = setTimeout(() => {
    late = Object.assign(new Error(`the transaction did not end within ${timeoutMs} ms`), {
      code: "ETIMEDOUT",
    });
    expiry.reject(late);
  }, timeoutMs);
  const check = () => {
    if (late) throw late;
  };
  try {
    return await Promise.race([work({ check }), expiry.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function runOnce<T>(
  sql: SqlPool,
  begin: Prisma.Sql,
  fn: (tx: Transaction) => Promise<T>,
  timeoutMs: number,
): Promise<T> {
  return withinDeadline(timeoutMs, async (deadline) => {
    const connection = await sql.pool.getConnection();
    const tx = new SqlTransaction(connection, begin, deadline);
    try {
      const result = await fn(tx);
      await tx.$commit([]);
      return result;
    } finally {
      // The pool rolls back what was not committed before anybody else gets the connection.
      void connection.release();
    }
  });
}

class SqlTransaction implements Transaction {
  readonly #connection: PoolConnection;
  readonly #deadline: Deadline;
  /** Travels with the first statement: a transaction costs one round trip less. */
  #begin: Prisma.Sql | undefined;
  #ended = false;

  constructor(connection: PoolConnection, begin: Prisma.Sql, deadline: Deadline) {
    this.#connection = connection;
    this.#begin = begin;
    this.#deadline = deadline;
  }

  async $queryRaw<T>(statement: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<T> {
    return rowsOf((await this.#send([toSql(statement, values)]))[0]) as T;
  }

  async $executeRaw(statement: TemplateStringsArray | Prisma.Sql, ...values: unknown[]): Promise<number> {
    return countOf((await this.#send([toSql(statement, values)]))[0]);
  }

  async $together(statements: Prisma.Sql[]): Promise<unknown[][]> {
    return (await this.#send(statements)).map(rowsOf);
  }

  async $commit(statements: Prisma.Sql[]): Promise<void> {
    if (this.#ended) return;
    const isEmpty = this.#begin !== undefined && statements.length === 0;
    if (isEmpty) this.#deadline.check();
    else await this.#send([...statements, COMMIT]);
    this.#ended = true;
  }

  /** One result for each statement. */
  async #send(statements: Prisma.Sql[]): Promise<unknown[]> {
    this.#deadline.check();
    if (this.#ended) throw new Error("the transaction has been committed already");
    const begin = this.#begin;
    this.#begin = undefined;
    if (!begin && statements.length === 1) return [await send(this.#connection, statements)];
    const results = (await send(this.#connection, begin ? [begin, ...statements] : statements)) as unknown[];
    return results.slice(results.length - statements.length);
  }
}
