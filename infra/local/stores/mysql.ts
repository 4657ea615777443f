import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createConnection } from "mariadb";
import { Problem } from "../problem.mjs";
import { ChildStoreProcess } from "./child.ts";
import { findExecutable } from "./executables.ts";
import type { Log, StoreExitListener } from "./types.ts";

/** The longest path of a Unix socket that every system takes. */
const MAX_SOCKET_PATH = 100;
const INSTALL_TIMEOUT_MS = 120_000;

/** Durable like production; small, because it shares a laptop. The time zone and the collation are what the schema relies on. */
const SETTINGS = [
  "--innodb-flush-log-at-trx-commit=1",
  "--transaction-isolation=READ-COMMITTED",
  "--innodb-lock-wait-timeout=5",
  "--innodb-buffer-pool-size=256M",
  "--character-set-server=utf8mb4",
  "--collation-server=utf8mb4_unicode_520_ci",
  "--default-time-zone=+00:00",
  "--max-connections=300",
  "--skip-log-bin",
];
/** A fresh data directory is mostly redo log; a small one makes it a matter of a second. */
const MARIADB_SETTINGS = ["--innodb-log-file-size=64M"];

export function socketPath(dir: string): string {
  const own = join(dir, "mysql.sock");
  if (own.length <= MAX_SOCKET_PATH) return own;
  return join(tmpdir(), `confab-${createHash("sha256").update(dir).digest("hex").slice(0, 12)}.sock`);
}

/** Loopback over TCP has to work whatever the machine's name resolution says. */
const ADMIN_SQL = [
  "CREATE USER IF NOT EXISTS 'root'@'127.0.0.1';",
  "GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;",
].join("\n");

/** Servers refuse to run as root unless told; our data directory may lie where no other user can go. */
const asRoot = () => (process.getuid?.() === 0 ? ["--user=root"] : []);

async function isMariaDb(command: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)(command, ["--version"]);
  return /mariadb/i.test(stdout);
}

async function initialise(command: string, mariadb: boolean, data: string, scratch: string, log: Log) {
  const staging = `${data}.new`;
  rmSync(staging, { recursive: true, force: true });
  const installer = mariadb ? findExecutable("mariadb-install-db", "mysql_install_db") : command;
  if (!installer)
    throw new Problem("mariadb-install-db is missing beside mariadbd.", [
      "Install the complete MariaDB server package.",
    ]);
  const args = mariadb
    ? [
        `--datadir=${staging}`,
        `--tmpdir=${scratch}`,
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        ...MARIADB_SETTINGS,
      ]
    : [`--datadir=${staging}`, "--initialize-insecure"];
  log("· Creating an empty database");
  mkdirSync(staging, { recursive: true });
  try {
    await promisify(execFile)(installer, ["--no-defaults", ...asRoot(), ...args], {
      timeout: INSTALL_TIMEOUT_MS,
    });
  } catch (error) {
    const { stderr = "", stdout = "" } = error as { stderr?: string; stdout?: string };
    throw new Problem(
      "The database could not be created.",
      `${stdout}\n${stderr}\n${error}`.trim().split("\n").slice(-12),
    );
  }
  // Renamed only when complete: an interrupted first start must not leave half a database behind.
  renameSync(staging, data);
}

/** Runs one query as administrator; rejects if there is no answer within two seconds. */
export async function askMysql(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const { hostname, port, username, password } = new URL(url);
  const connection = await createConnection({
    host: hostname,
    port: Number(port || 3306),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    connectTimeout: 2000,
    socketTimeout: 2000,
    allowPublicKeyRetrieval: true,
  });
  try {
    return await connection.query(sql);
  } finally {
    connection.destroy();
  }
}

export async function mysqlVersion(url: string): Promise<string> {
  const [row] = await askMysql(url, "SELECT VERSION() AS version, @@version_comment AS comment");
  const version = String(row?.version);
  const name = /mariadb/i.test(`${version} ${row?.comment}`) ? "MariaDB" : "MySQL";
  return `${name} ${version.split("-")[0]}`;
}

interface MysqlOptions {
  command: string;
  port: number;
  dir: string;
  log: Log;
  onExit?: StoreExitListener;
}

/** Prepares the data directory if it is new; the caller starts it. */
export async function mysqlStore({
  command,
  port,
  dir,
  log,
  onExit,
}: MysqlOptions): Promise<ChildStoreProcess> {
  const data = join(dir, "mysql");
  const mariadb = await isMariaDb(command);
  // Its own: a server that starts removes every temporary table that it finds, also those of another.
  const scratch = join(dir, "mysql.tmp");
  mkdirSync(scratch, { recursive: true });
  if (!existsSync(data)) await initialise(command, mariadb, data, scratch, log);
  const initFile = join(dir, "mysql-init.sql");
  writeFileSync(initFile, `${ADMIN_SQL}\n`);
  const args = [
    "--no-defaults",
    ...asRoot(),
    `--datadir=${data}`,
    `--tmpdir=${scratch}`,
    `--socket=${socketPath(dir)}`,
    `--pid-file=${join(dir, "mysql.pid")}`,
    `--init-file=${initFile}`,
    "--bind-address=127.0.0.1",
    `--port=${port}`,
    ...SETTINGS,
    ...(mariadb ? MARIADB_SETTINGS : ["--mysqlx=OFF"]),
  ];
  return new ChildStoreProcess({
    name: "mysql",
    port,
    command,
    args,
    dir,
    logFile: join(dir, "mysql.log"),
    probe: async () => {
      await askMysql(`mysql://root@127.0.0.1:${port}`, "SELECT 1");
    },
    onExit,
  });
}
