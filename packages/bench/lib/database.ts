import { createConnection } from "mariadb";

export type Row = Record<string, unknown>;

/** One connection of the bench's own; numbers as numbers. */
export async function openDatabase(url: string) {
  const { hostname, port, username, password, pathname } = new URL(url);
  const connection = await createConnection({
    host: hostname,
    port: Number(port),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database: pathname.slice(1),
    bigIntAsNumber: true,
    timezone: "Z",
  });
  return {
    query: <T = Row>(sql: string, values?: unknown[]): Promise<T[]> => connection.query(sql, values),
    /** Many rows, a thousand to a statement. */
    async insert(table: string, columns: string[], rows: unknown[][]): Promise<void> {
      const into = `INSERT INTO ${table} (${columns.join(", ")}) VALUES `;
      const place = `(${columns.map(() => "?").join(", ")})`;
      for (let at = 0; at < rows.length; at += 1000) {
        const some = rows.slice(at, at + 1000);
        await connection.query(into + some.map(() => place).join(", "), some.flat());
      }
    },
    [Symbol.asyncDispose]: () => connection.end(),
  };
}
export type Database = Awaited<ReturnType<typeof openDatabase>>;
