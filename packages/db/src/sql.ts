/**
 * Statements written by hand go to the driver, not through Prisma's client, which costs as much again as everything
 * else that a send does in its process (docs/adr/0012). Prisma keeps the schema, the migrations and the models.
 */
import type { Pool, PoolConnection } from "mariadb";
import { Prisma } from "./generated/client.ts";

type Statement = TemplateStringsArray | Prisma.Sql;

/** What a pool, a transaction and Prisma's client have in common. Values never become part of a statement's text. */
export interface Queries {
  /**
   * Rows by column name: BIGINT as bigint, other integers as numbers, DECIMAL and JSON as text, DATETIME as Date,
   * BINARY as Buffer.
   */
  $queryRaw<T = unknown>(statement: Statement, ...values: unknown[]): Promise<T>;
  /** How many rows it found to write. */
  $executeRaw(statement: Statement, ...values: unknown[]): Promise<number>;
}

/** As it comes from the driver: rows, or what a statement without rows did. */
type Result = Record<string, unknown>[] & { meta?: Column[]; affectedRows?: number };
interface Column {
  type: string;
  name(): string;
}
type Connection = Pick<PoolConnection, "query">;

export const toSql = (statement: Statement, values: unknown[]): Prisma.Sql =>
  statement instanceof Prisma.Sql ? statement : Prisma.sql(statement, ...values);

/** Without transaction: each statement on whichever connection is free. */
export class SqlPool implements Queries {
  readonly pool: Pool;

  constructor(pool: Pool) {
    this.pool = pool;
  }

  async $queryRaw<T>(statement: Statement, ...values: unknown[]): Promise<T> {
    return rowsOf(await send(this.pool, [toSql(statement, values)])) as T;
  }

  async $executeRaw(statement: Statement, ...values: unknown[]): Promise<number> {
    return countOf(await send(this.pool, [toSql(statement, values)]));
  }

  /** Two or more in one round trip; the rows of each. Each sees what is committed when its own turn comes. */
  async $together(statements: Prisma.Sql[]): Promise<unknown[][]> {
    return ((await send(this.pool, statements)) as unknown[]).map(rowsOf);
  }
}

/** Sends statements as one packet; the server stops at the first that fails. One result, or one each. */
export async function send(connection: Connection, statements: Prisma.Sql[]): Promise<unknown> {
  const sql = statements.map((statement) => statement.sql).join(";");
  const values = statements.flatMap((statement) => statement.values.map(toParameter));
  return connection.query(sql, values);
}

/** The driver writes and reads dates in the zone of the process; sessions are in UTC. */
const toParameter = (value: unknown): unknown =>
  value instanceof Date ? value.toISOString().slice(0, 23).replace("T", " ") : value;

export const countOf = (result: unknown): number => (result as Result).affectedRows ?? 0;

export function rowsOf(result: unknown): unknown[] {
  const rows = result as Result;
  for (const column of rows.meta ?? []) {
    if (column.type !== "DATETIME") continue;
    const name = column.name();
    for (const row of rows) if (row[name] !== null) row[name] = new Date(`${row[name]}Z`);
  }
  return Array.isArray(rows) ? rows : [];
}
