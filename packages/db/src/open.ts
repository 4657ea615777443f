/** P10: a process that can do part of its work without MySQL neither waits for it nor ends without it. */
import { createDb, type Db, type DbOptions, type PrismaClient } from "./client.ts";
import type { SqlPool } from "./sql.ts";

export interface OpeningDb extends AsyncDisposable {
  /** Undefined until the server was reached for the first time; from then on the client. */
  readonly prisma: PrismaClient | undefined;
  /** The same for statements written by hand. */
  readonly sql: SqlPool | undefined;
  /** Resolves with that first time; stays pending when disposed of before. */
  readonly connected: Promise<PrismaClient>;
}

const RETRY_MS = 1_000;

/** Connects in the background and tries again until it succeeds; says so in the log once, not at every try. */
export function openDb(options: DbOptions): OpeningDb {
  let db: Db | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failing = false;
  const connected = Promise.withResolvers<PrismaClient>();

  const connect = async (): Promise<void> => {
    try {
      const opened = await createDb(options);
      if (stopped) return opened[Symbol.asyncDispose]();
      db = opened;
      connected.resolve(db.prisma);
    } catch (error) {
      if (!failing) options.log?.warn?.({ err: (error as Error).message }, "MySQL is away");
      failing = true;
      if (!stopped) timer = setTimeout(() => void connect(), RETRY_MS);
    }
  };
  const connecting = connect();
  return {
    get prisma() {
      return db?.prisma;
    },
    get sql() {
      return db?.sql;
    },
    connected: connected.promise,
    async [Symbol.asyncDispose]() {
      stopped = true;
      clearTimeout(timer);
      await connecting;
      await db?.[Symbol.asyncDispose]();
    },
  };
}
