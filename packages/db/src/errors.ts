/**
 * What went wrong, whichever road the error took. The driver's errors carry the server's number in `errno`. Measured
 * with @prisma/adapter-mariadb 7.10: its raw queries throw P2010, models P2002 / P2034 or the catch-all P2039; all of
 * them carry that number in `meta.driverAdapterError.cause.originalCode`. Only Prisma's own refusals have none.
 */

/** Deadlock, lock wait, "record has changed since last read" (MariaDB ≥ 11.6.2). */
const CONFLICTS = new Set([1213, 1205, 1020]);

const UNAVAILABLE = new Set([
  // The server: too many connections, shutting down, host blocked, no memory, table or disk full, connection
  // killed, query killed, statement time exceeded (MariaDB, MySQL), read-only after a failover.
  1040, 1203, 1226, 1053, 1129, 1037, 1038, 1041, 1021, 1114, 1927, 1317, 1969, 3024, 1290, 1836,
  // The driver: socket closed, connect timeout, connection closed, socket timeout, pool closed, pool timeout.
  45009, 45012, 45013, 45014, 45026, 45027, 45028,
]);

/** Prisma: unreachable, timed out, closed, no pooled connection, transaction not started or expired. */
const UNAVAILABLE_PRISMA = new Set(["P1001", "P1002", "P1008", "P1017", "P2024", "P2028", "P2037"]);
const UNAVAILABLE_SOCKET = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EPIPE",
  "EHOSTUNREACH",
]);

interface Fault {
  code?: unknown;
  errno?: unknown;
  sqlState?: unknown;
  sqlMessage?: unknown;
  cause?: unknown;
  meta?: { driverAdapterError?: { cause?: DriverFault } };
}
interface DriverFault {
  originalCode?: string;
  state?: string;
  constraint?: { index?: string };
}

const asFault = (error: unknown): Fault => (typeof error === "object" && error !== null ? error : {});

function driverFault(error: unknown): DriverFault | undefined {
  const { meta, cause } = asFault(error);
  const inner = meta?.driverAdapterError?.cause ?? (cause as DriverFault | undefined);
  return inner?.originalCode === undefined ? undefined : inner;
}

function serverCode(error: unknown): number | undefined {
  const original = driverFault(error)?.originalCode;
  if (original !== undefined) return Number(original);
  const { errno } = asFault(error);
  return typeof errno === "number" ? errno : undefined;
}

/** A unique key refused a row; with `index`, that one (`PRIMARY`, `ux_messages_dedupe` …). */
export function isDuplicateKey(error: unknown, index?: string): boolean {
  if (serverCode(error) !== 1062) return false;
  return index === undefined || duplicateIndex(error) === index;
}

/** MariaDB: `… for key 'ux_name'`; MySQL: `… for key 'table.ux_name'`. */
function duplicateIndex(error: unknown): string | undefined {
  const { sqlMessage } = asFault(error);
  if (typeof sqlMessage !== "string") return driverFault(error)?.constraint?.index;
  return /for key '(?:[^']*\.)?([^'.]+)'$/.exec(sqlMessage)?.[1];
}

/** Another transaction won; the same one, run again from its start, may succeed. */
export function isConflict(error: unknown): boolean {
  const code = serverCode(error);
  return (code !== undefined && CONFLICTS.has(code)) || asFault(error).code === "P2034";
}

/**
 * Nothing is wrong with the request: the database is away, too slow, full or contended, so the same request may
 * succeed later. What it wrote may or may not have been committed.
 */
export function isUnavailable(error: unknown): boolean {
  if (isConflict(error)) return true;
  const code = serverCode(error);
  if (code !== undefined && UNAVAILABLE.has(code)) return true;
  const { code: name, sqlState } = asFault(error);
  const state = driverFault(error)?.state ?? sqlState;
  if (typeof state === "string" && state.startsWith("08")) return true;
  return typeof name === "string" && (UNAVAILABLE_PRISMA.has(name) || UNAVAILABLE_SOCKET.has(name));
}
