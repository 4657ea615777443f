/** The schema that the client believes in and the one that the migrations make are the same. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBare } from "../src/connect.ts";
import { readPrismaTables, type Tables } from "./prisma-schema.ts";
import { createScratch, type Scratch } from "./scratch.ts";

let scratch: Scratch;
let connection: Awaited<ReturnType<typeof connectBare>>;
beforeAll(async () => {
  scratch = await createScratch();
  connection = await connectBare(scratch.url);
});
afterAll(async () => {
  await connection.end();
  await scratch[Symbol.asyncDispose]();
});

/** MySQL and MariaDB word the same table differently: widths of numbers, JSON, quotes around defaults. */
async function readRealTables(): Promise<Tables> {
  const checks: Array<{ clause: string }> = await connection.query(
    "SELECT check_clause AS clause FROM information_schema.check_constraints WHERE constraint_schema = DATABASE()",
  );
  const json = new Set(checks.map(({ clause }) => /json_valid\(`(\w+)`\)/.exec(clause)?.[1]));
  const tables: Tables = {};
  const columns = await connection.query(
    `SELECT table_name AS t, column_name AS name, column_type AS type, is_nullable AS nullable,
       column_default AS def, extra AS extra FROM information_schema.columns
     WHERE table_schema = DATABASE() AND table_name <> '_prisma_migrations' ORDER BY 1, ordinal_position`,
  );
  for (const { t, name, type, nullable, def, extra } of columns) {
    tables[t] ??= { columns: {}, keys: {} };
    tables[t].columns[name] = {
      type:
        type === "longtext" && json.has(name) ? "json" : type.replace(/int\(\d+\) unsigned/, "int unsigned"),
      nullable: nullable === "YES",
      default: def === null || def === "NULL" ? null : def.replace(/^'(.*)'$/, "$1"),
      autoIncrement: extra.includes("auto_increment"),
    };
  }
  const indexed = await connection.query(
    `SELECT table_name AS t, index_name AS name, non_unique AS repeats, column_name AS col
     FROM information_schema.statistics
     WHERE table_schema = DATABASE() AND table_name <> '_prisma_migrations' ORDER BY 1, 2, seq_in_index`,
  );
  for (const { t, name, repeats, col } of indexed) {
    const { keys } = tables[t] as Tables[string];
    keys[name] ??= { unique: Number(repeats) === 0, columns: [] };
    keys[name].columns.push(col);
  }
  return tables;
}

describe("the Prisma schema and the migrations agree", () => {
  test("on every table, column and key", async () => {
    const [said, real] = [await readPrismaTables(), await readRealTables()];
    expect(Object.keys(said).length).toBeGreaterThan(10);
    expect(real).toEqual(said);
  });
});

test("ids compare by bytes, and text is utf8mb4", async () => {
  const columns: Array<{ name: string; collation: string }> = await connection.query(
    `SELECT CONCAT(table_name, '.', column_name) AS name, collation_name AS collation
     FROM information_schema.columns
     WHERE table_schema = DATABASE() AND collation_name IS NOT NULL AND table_name <> '_prisma_migrations'`,
  );
  const words = [
    "users.display_name",
    "conversations.title",
    "drafts.body",
    "message_edits.body",
    "messages.body",
  ];
  const expected = columns.map(({ name }) => ({
    name,
    collation: words.includes(name) ? "utf8mb4_unicode_520_ci" : "utf8mb4_bin",
  }));
  expect(columns).toEqual(expected);
  expect(columns.length).toBeGreaterThan(words.length);
});
