import { type Connection, type ConnectionConfig, createConnection } from "mariadb";

const CONNECT_TIMEOUT_MS = 2_000;

/**
 * What the driver needs, from `mysql://user:password@host:port/database`. `?ssl=true` asks for TLS with a
 * certificate that verifies (NODE_EXTRA_CA_CERTS for one's own authority). Without TLS the network is trusted,
 * so MySQL 8 may send the key that `caching_sha2_password` needs.
 */
export function parseMysqlUrl(url: string): ConnectionConfig {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new Error("the MySQL URL is not a URL; expected mysql://user:password@host:port/database");
  }
  if (parsed.protocol !== "mysql:" && parsed.protocol !== "mariadb:") {
    throw new Error(`the MySQL URL begins with ${parsed.protocol}//; expected mysql://`);
  }
  const tls = parsed.searchParams.get("ssl") === "true";
  const database = decodeURIComponent(parsed.pathname.slice(1));
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1") || "127.0.0.1",
    port: parsed.port ? Number(parsed.port) : 3306,
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    ...(database ? { database } : {}),
    ...(tls ? { ssl: true } : { allowPublicKeyRetrieval: true }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    // By bytes, as the ids compare: what a query builds itself then compares with columns without a cast.
    collation: "UTF8MB4_BIN",
  };
}

/** The same server and account with another database, or none. */
export function withDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${encodeURIComponent(database)}`;
  return parsed.href;
}

/**
 * One connection without Prisma, whose pool would report a wrong password as "pool timeout". Throws an Error
 * that names address, account and the server's own reason, never the password.
 */
export async function connectBare(url: string, options: ConnectionConfig = {}): Promise<Connection> {
  const config = { ...parseMysqlUrl(url), ...options };
  try {
    const connection = await createConnection(config);
    connection.on("error", () => {}); // A lost connection fails the next query; it must not end the process.
    return connection;
  } catch (cause) {
    const reason = (cause as { sqlMessage?: string }).sqlMessage ?? (cause as Error).message;
    const target = `${config.host}:${config.port}/${config.database ?? ""}`;
    throw new Error(`cannot use MySQL at ${target} as ${config.user || "nobody"}: ${reason}`, { cause });
  }
}
