/** P10: every wait for MySQL ends: for a pooled connection, for a new one, and for an answer. */
import { PrismaMariaDb } from "@prisma/adapter-mariadb";
import { createPool, type PoolConfig } from "mariadb";
import { connectBare, parseMysqlUrl } from "./connect.ts";
import { PrismaClient } from "./generated/client.ts";
import type { DbLog } from "./log.ts";
import { SqlPool } from "./sql.ts";

export type { PrismaClient };

/** Connections per process: processes × 10 + 20 stay below the server's `max_connections`, 151 by default. */
export const DEFAULT_POOL_SIZE = 10;
/** A transaction that took longer has lost its caller, whose request is over. */
export const TRANSACTION_TIMEOUT_MS = 5_000;
/** Waiting for a connection longer than this means overload; the caller should say so and be retried. */
export const ACQUIRE_TIMEOUT_MS = 2_000;
/** No answer for this long: the server is frozen or cut off (measured: a query never ended without it). */
const SOCKET_TIMEOUT_MS = 5_000;
/** Below the transaction's own deadline, so that a lock wait is retried and not cut off. */
const LOCK_WAIT_SECONDS = 2;

/** READ COMMITTED: no gap locks, and a retry sees what the winner wrote. Strict: what does not fit is refused. */
const SESSION = [
  "SET time_zone = '+00:00'",
  "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
  "SET sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
  // For MariaDB alone: it remembers what subqueries answered, in a table that it makes each time. Ours ask about another
  // row each time, so that is a tenth of what a page of history costs it, for nothing.
  `SET innodb_lock_wait_timeout = ${LOCK_WAIT_SECONDS} /*M!, optimizer_switch = 'subquery_cache=off' */`,
];

export interface DbOptions {
  /** `mysql://user:password@host:port/database` */
  url: string;
  /** At most so many connections. */
  poolSize?: number;
  log?: DbLog;
}

export interface Db extends AsyncDisposable {
  /** Models; on the same connections as `sql`. */
  prisma: PrismaClient;
  /** Statements written by hand. */
  sql: SqlPool;
}

/** Throws an Error with the server's own reason when the database cannot be used now. */
export async function createDb({ url, poolSize = DEFAULT_POOL_SIZE, log = {} }: DbOptions): Promise<Db> {
  const version = await probe(url);
  // `jsonStrings` is missing in the types of mariadb 3.4.5.
  const settings: PoolConfig & { jsonStrings: boolean } = {
    ...parseMysqlUrl(url),
    connectionLimit: poolSize,
    acquireTimeout: ACQUIRE_TIMEOUT_MS,
    socketTimeout: SOCKET_TIMEOUT_MS,
    // socketTimeout ends idle connections as well: with all ten kept, an idle process would open two a second for
    // nothing. None at all, and the pool does not grow again (mariadb 3.4.5).
    minimumIdle: 1,
    initSql: SESSION,
    // A transaction sends what belongs together as one packet (tx.ts).
    multipleStatements: true,
    // What people write is no part of an error.
    logParam: false,
    prepareCacheLength: 0,
    // The same from MySQL as from MariaDB; told once here, since a query with options of its own copies them all.
    dateStrings: true,
    jsonStrings: true,
    // Objects are made of them in sql.ts; Prisma's adapter asks for arrays anyway.
    rowsAsArray: true,
  };
  const pool = createPool(settings);
  // The text protocol: as fast as cached prepared statements, and batches of every size would each prepare their
  // own (a second round trip on MySQL, and `max_prepared_stmt_count` is a limit of the whole server).
  const adapter = new PrismaMariaDb(pool, {
    useTextProtocol: true,
    onConnectionError: (error) => log.warn?.({ err: error }, "MySQL connection lost"),
  });
  const prisma = new PrismaClient({
    adapter,
    errorFormat: "minimal",
    transactionOptions: { maxWait: ACQUIRE_TIMEOUT_MS, timeout: TRANSACTION_TIMEOUT_MS },
  });
  log.info?.({ version, poolSize }, "MySQL is there");
  return {
    prisma,
    sql: new SqlPool(pool),
    async [Symbol.asyncDispose]() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** The pool hides a wrong password behind "pool timeout" after four seconds; one bare connection does not. */
async function probe(url: string): Promise<string> {
  const connection = await connectBare(url, { socketTimeout: SOCKET_TIMEOUT_MS });
  try {
    const [row] = await connection.query("SELECT VERSION() AS version");
    return String(row.version);
  } finally {
    await connection.end();
  }
}
