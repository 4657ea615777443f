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

/** As it comes from the driver: rows, each an array, or what a statement without rows did. */
type Result = unknown[][] & { meta?: Column[]; affectedRows?: number };
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
  if (!rows.meta || rows.length === 0) return [];
  return rows.map(rowMaker(rows.meta));
}

type RowMaker = (values: unknown[]) => Record<string, unknown>;
/** As many as there are lists of columns in our statements. */
const rowMakers = new Map<string, RowMaker>();

function rowMaker(columns: Column[]): RowMaker {
  const shape = columns.map((column) => `${column.type === "DATETIME" ? "@" : ""}${column.name()}`);
  const key = shape.join();
  let maker = rowMakers.get(key);
  if (!maker) {
    maker = compileRowMaker(shape);
    rowMakers.set(key, maker);
  }
  return maker;
}

/**
 * A function that is written for these columns (`@`: a date): to set them one by one by name, as the driver would,
 * costs ten times as much, and a page of history has a thousand. Names of columns come from our statements alone.
 */
function compileRowMaker(shape: string[]): RowMaker {
  const properties = shape.map((column, index) => {
    const [value, isDate] = [`v[${index}]`, column.startsWith("@")];
    const made = isDate ? `${value} === null ? null : new Date(${value} + "Z")` : value;
    return `${JSON.stringify(isDate ? column.slice(1) : column)}: ${made}`;
  });
  return new Function("v", `return { ${properties.join(", ")} };`) as RowMaker;
}
