/**
 * `prisma migrate deploy` without its engine, a download that an air-gapped image cannot have. Same table, same
 * checksums, same lock: either may run after the other.
 */
import { randomUUID } from "node:crypto";
import type { Connection } from "mariadb";
import { connectBare, parseMysqlUrl, withDatabase } from "./connect.ts";
import type { DbLog } from "./log.ts";
import { type Migration, readMigrations } from "./migrations.ts";

/** Prisma's own name, so that neither runs beside the other. */
const LOCK = "prisma_migrate";
const LOCK_TIMEOUT_SECONDS = 60;
/** A long ALTER is not a hung server. */
const STATEMENT_TIMEOUT_MS = 30 * 60_000;

const CREATE_JOURNAL = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at DATETIME(3),
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at DATETIME(3),
  started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`;

interface JournalRow {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
  logs: string | null;
}

export interface DeployOptions {
  log?: DbLog;
  /** Where the migrations are; by default this package's own. */
  directory?: URL;
}

/** Makes the database if it is absent: `name`, or else the one that the URL names. Returns the URL with it. */
export async function createDatabase(url: string, name = parseMysqlUrl(url).database): Promise<string> {
  if (!name) throw new Error("the MySQL URL names no database");
  await using admin = await closing(connectBare(withDatabase(url, "")));
  // Asked first: the account may own the database without being allowed to make one.
  const existing = await admin.connection.query(
    "SELECT 1 FROM information_schema.schemata WHERE schema_name = ?",
    [name],
  );
  if (existing.length > 0) return withDatabase(url, name);
  await admin.connection.query(
    `CREATE DATABASE IF NOT EXISTS ${admin.connection.escapeId(name)} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
  );
  return withDatabase(url, name);
}

export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await using admin = await closing(connectBare(withDatabase(adminUrl, "")));
  await admin.connection.query(`DROP DATABASE IF EXISTS ${admin.connection.escapeId(name)}`);
}

/**
 * Applies what is pending, in order; returns the names of what it applied. May be called by several processes at
 * once, and again after a crash between two migrations. Throws when an applied file was changed, or when one
 * failed half-way (MySQL commits each DDL statement, so a person must look).
 */
export async function deployMigrations(url: string, options: DeployOptions = {}): Promise<string[]> {
  const migrations = await readMigrations(options.directory);
  await using session = await openSession(url);
  const { connection } = session;
  await prepareJournal(connection);
  const pending = findPending(migrations, await readJournal(connection), options.log);
  for (const migration of pending) {
    const startedAt = performance.now();
    await apply(connection, migration);
    const durationMs = Math.round(performance.now() - startedAt);
    options.log?.info?.({ migration: migration.name, durationMs }, "migration applied");
  }
  return pending.map((migration) => migration.name);
}

/**
 * `prisma migrate resolve`: says what became of a migration that failed half-way, once a person has looked.
 * `applied`: its remaining statements were run by hand. `rolledBack`: its effects were undone; it runs again.
 */
export async function resolveMigration(
  url: string,
  name: string,
  outcome: "applied" | "rolledBack",
): Promise<void> {
  await using session = await openSession(url);
  const column = outcome === "applied" ? "finished_at" : "rolled_back_at";
  const result = await session.connection.query(
    `UPDATE _prisma_migrations SET ${column} = CURRENT_TIMESTAMP(3)
     WHERE migration_name = ? AND finished_at IS NULL AND rolled_back_at IS NULL`,
    [name],
  );
  if (result.affectedRows === 0) throw new Error(`no failed migration is called ${name}`);
}

/** A connection that holds the advisory lock; ending it gives the lock back. */
async function openSession(url: string) {
  const session = await closing(
    connectBare(url, {
      multipleStatements: true,
      socketTimeout: STATEMENT_TIMEOUT_MS,
      timezone: "Z",
      checkDuplicate: false,
    }),
  );
  const [row] = await session.connection.query("SELECT GET_LOCK(?, ?) AS held", [LOCK, LOCK_TIMEOUT_SECONDS]);
  if (Number(row?.held) === 1) return session;
  await session[Symbol.asyncDispose]();
  throw new Error(`another migration of this server has held the lock for ${LOCK_TIMEOUT_SECONDS} s`);
}

async function closing(opening: Promise<Connection>): Promise<{ connection: Connection } & AsyncDisposable> {
  const connection = await opening;
  return { connection, [Symbol.asyncDispose]: () => connection.end() };
}

/** A database with tables but without a journal was made by something else: better to refuse than to mix. */
async function prepareJournal(connection: Connection): Promise<void> {
  const tables: Array<{ name: string }> = await connection.query(
    "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()",
  );
  const names = tables.map((table) => table.name);
  if (names.length > 0 && !names.includes("_prisma_migrations")) {
    throw new Error(
      `the database is not empty and Confab did not make it (it has ${names.slice(0, 5).join(", ")})`,
    );
  }
  await connection.query(CREATE_JOURNAL);
}

function readJournal(connection: Connection): Promise<JournalRow[]> {
  return connection.query(
    "SELECT migration_name, checksum, finished_at, logs FROM _prisma_migrations WHERE rolled_back_at IS NULL",
  );
}

function findPending(migrations: Migration[], journal: JournalRow[], log?: DbLog): Migration[] {
  const applied = new Map(journal.map((row) => [row.migration_name, row]));
  for (const row of journal) {
    if (row.finished_at !== null) continue;
    throw new Error(
      `migration ${row.migration_name} failed half-way${row.logs ? ` (${row.logs})` : ""}; ` +
        "put the schema right by hand, then run the migrate command with " +
        `--applied ${row.migration_name} or --rolled-back ${row.migration_name}`,
    );
  }
  for (const migration of migrations) {
    const row = applied.get(migration.name);
    applied.delete(migration.name);
    if (row && row.checksum !== migration.checksum) {
      throw new Error(
        `migration ${migration.name} was changed after it was applied; write a new one instead`,
      );
    }
  }
  // A release that is rolled back meets the schema of its successor: allowed, since changes are made additive.
  if (applied.size > 0)
    log?.warn?.({ migrations: [...applied.keys()] }, "the database is ahead of this release");
  const names = new Set(journal.map((row) => row.migration_name));
  return migrations.filter((migration) => !names.has(migration.name));
}

async function apply(connection: Connection, migration: Migration): Promise<void> {
  const id = randomUUID();
  await connection.query("INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES (?, ?, ?)", [
    id,
    migration.checksum,
    migration.name,
  ]);
  try {
    await connection.query(migration.sql);
  } catch (cause) {
    const reason = (cause as { sqlMessage?: string }).sqlMessage ?? (cause as Error).message;
    await connection.query("UPDATE _prisma_migrations SET logs = ? WHERE id = ?", [reason, id]);
    throw new Error(`migration ${migration.name} failed: ${reason}`, { cause });
  }
  await connection.query(
    "UPDATE _prisma_migrations SET finished_at = CURRENT_TIMESTAMP(3), applied_steps_count = 1 WHERE id = ?",
    [id],
  );
}
