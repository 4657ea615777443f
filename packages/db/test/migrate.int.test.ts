import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectBare, withDatabase } from "../src/connect.ts";
import { createDatabase, deployMigrations, resolveMigration } from "../src/index.ts";
import { createScratch, type Scratch } from "./scratch.ts";

const run = promisify(execFile);
let scratch: Scratch;
let folder: string;
let directory: URL;
beforeEach(async () => {
  scratch = await createScratch({ migrated: false });
  folder = await mkdtemp(join(tmpdir(), "confab-migrations-"));
  directory = pathToFileURL(`${folder}/`);
});
afterEach(async () => {
  await scratch[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, name, "migration.sql"), sql);
}
async function query(sql: string): Promise<Array<Record<string, unknown>>> {
  const connection = await connectBare(scratch.url);
  try {
    return await connection.query(sql);
  } finally {
    await connection.end();
  }
}

test("applies all that is pending, in order, and nothing twice", async () => {
  await write("2_second", "ALTER TABLE t ADD COLUMN b INT; INSERT INTO t VALUES (1, 2);");
  await write("1_first", "CREATE TABLE t (a INT); -- one; comment\n");
  expect(await deployMigrations(scratch.url, { directory })).toEqual(["1_first", "2_second"]);
  expect(await query("SELECT * FROM t")).toEqual([{ a: 1, b: 2 }]);
  await write("3_third", "DROP TABLE t;");
  expect(await deployMigrations(scratch.url, { directory })).toEqual(["3_third"]);
  expect(await deployMigrations(scratch.url, { directory })).toEqual([]);
});

test("keeps Prisma's own journal", async () => {
  const sql = "CREATE TABLE t (a INT); -- é\n";
  await write("1_first", sql);
  await deployMigrations(scratch.url, { directory });
  const [row] = await query("SELECT * FROM _prisma_migrations");
  expect(row).toEqual({
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    checksum: createHash("sha256").update(Buffer.from(sql)).digest("hex"),
    finished_at: expect.any(Date),
    migration_name: "1_first",
    logs: null,
    rolled_back_at: null,
    started_at: expect.any(Date),
    applied_steps_count: 1,
  });
});

test("refuses when an applied migration was changed", async () => {
  await write("1_first", "CREATE TABLE t (a INT);");
  await deployMigrations(scratch.url, { directory });
  await write("1_first", "CREATE TABLE t (a BIGINT);");
  await expect(deployMigrations(scratch.url, { directory })).rejects.toThrow(
    "migration 1_first was changed after it was applied",
  );
});

test("after a failure it refuses until somebody says what became of it", async () => {
  await write("1_first", "CREATE TABLE t (a INT); CREATE TABLE t (a INT);");
  await write("2_second", "INSERT INTO t VALUES (7);");
  const deploy = () => deployMigrations(scratch.url, { directory });
  await expect(deploy()).rejects.toThrow("migration 1_first failed: Table 't' already exists");
  await expect(deploy()).rejects.toThrow(
    /1_first failed half-way \(Table 't' already exists\); .*--rolled-back/,
  );
  await expect(resolveMigration(scratch.url, "2_second", "applied")).rejects.toThrow("no failed migration");
  await resolveMigration(scratch.url, "1_first", "applied");
  expect(await deploy()).toEqual(["2_second"]);
  expect(await query("SELECT a FROM t")).toEqual([{ a: 7 }]);
});

test("runs one again whose half was undone", async () => {
  await write("1_first", "CREATE TABLE t (a INT); SELEKT 1;");
  await expect(deployMigrations(scratch.url, { directory })).rejects.toThrow("1_first failed");
  await query("DROP TABLE t");
  await resolveMigration(scratch.url, "1_first", "rolledBack");
  await write("1_first", "CREATE TABLE t (a INT);");
  expect(await deployMigrations(scratch.url, { directory })).toEqual(["1_first"]);
});

test("several at once: one does the work, the others find it done", async () => {
  await write("1_first", "CREATE TABLE t (a INT); DO SLEEP(0.2);");
  const results = await Promise.all(
    Array.from({ length: 4 }, () => deployMigrations(scratch.url, { directory })),
  );
  expect(results.flat()).toEqual(["1_first"]);
});

test("leaves a database alone that something else made", async () => {
  await query("CREATE TABLE somebody_elses (a INT)");
  await expect(deployMigrations(scratch.url, { directory })).rejects.toThrow("somebody_elses");
});

test("only warns where the database is ahead of this release", async () => {
  await write("1_first", "CREATE TABLE t (a INT);");
  await write("2_second", "CREATE TABLE u (a INT);");
  await deployMigrations(scratch.url, { directory });
  await rm(join(folder, "2_second"), { recursive: true });
  const warnings: object[] = [];
  const warn = (fields: object) => void warnings.push(fields);
  expect(await deployMigrations(scratch.url, { directory, log: { warn } })).toEqual([]);
  expect(warnings).toEqual([{ migrations: ["2_second"] }]);
});

test("says what is wrong with the server's address or account, without the password", async () => {
  const url = new URL(scratch.url);
  url.password = "hunter2";
  const { host, pathname } = url;
  await expect(deployMigrations(url.href)).rejects.toThrow(`cannot use MySQL at ${host}${pathname} as`);
  await expect(deployMigrations(url.href)).rejects.not.toThrow("hunter2");
  await expect(deployMigrations(withDatabase(scratch.url, "absent_db"))).rejects.toThrow("absent_db");
  await expect(createDatabase(withDatabase(scratch.url, ""))).rejects.toThrow("names no database");
});

test("the command makes the database, migrates it, and can be run again", async () => {
  const command = new URL("../src/cli/migrate.ts", import.meta.url).pathname;
  const args = ["--conditions=@confab/source", command];
  const env = { ...process.env, MYSQL_URL: scratch.url };
  const first = await run(process.execPath, args, { env });
  expect(first.stdout).toContain('"msg":"the schema is up to date"');
  const again = await run(process.execPath, args, { env });
  expect(again.stdout).toContain('"applied":[]');
  expect(await query("SELECT name FROM id_blocks")).toHaveLength(3);
  const blind = run(process.execPath, args, { env: { ...env, MYSQL_URL: "" } });
  await expect(blind).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining("set MYSQL_URL") });
});
