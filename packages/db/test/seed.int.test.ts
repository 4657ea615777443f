import { argon2Sync } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectBare } from "../src/connect.ts";
import { createDb, createIdAllocator, seedDemo } from "../src/index.ts";
import { createScratch, type Scratch } from "./scratch.ts";

let scratch: Scratch;
let connection: Awaited<ReturnType<typeof connectBare>>;
let seeded: Awaited<ReturnType<typeof seedDemo>>;
beforeAll(async () => {
  scratch = await createScratch();
  // Two at once, as when two machines start on one database.
  [seeded] = await Promise.all([seedDemo(scratch.url), seedDemo(scratch.url)]);
  connection = await connectBare(scratch.url);
});
afterAll(async () => {
  await connection.end();
  await scratch[Symbol.asyncDispose]();
});

const rows = (sql: string): Promise<Array<Record<string, unknown>>> => connection.query(sql);

test("names six accounts, whose password fits the stored hash", async () => {
  expect(seeded.accounts.map(({ username }) => username)).toEqual([
    "alice",
    "bo",
    "chidi",
    "dana",
    "emeka",
    "farah",
  ]);
  const stored = await rows("SELECT username, display_name, password_hash FROM users ORDER BY username");
  expect(stored.map((row) => row.display_name)).toEqual(
    seeded.accounts.map((account) => account.displayName),
  );
  for (const [index, { password }] of seeded.accounts.entries()) {
    expect(password.length).toBeGreaterThanOrEqual(8);
    const phc = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$(.+)\$(.+)$/.exec(
      String(stored[index]?.password_hash),
    );
    const [, memory, passes, parallelism, salt = "", tag = ""] = phc ?? [];
    const computed = argon2Sync("argon2id", {
      message: password,
      nonce: Buffer.from(salt, "base64"),
      parallelism: Number(parallelism),
      tagLength: 32,
      memory: Number(memory),
      passes: Number(passes),
    });
    expect(computed.toString("base64").replace(/=+$/, "")).toBe(tag);
  }
});

test("is there once, however often it is asked for", async () => {
  const [before] = await rows("SELECT COUNT(*) AS n FROM messages");
  expect(await seedDemo(scratch.url)).toEqual(seeded);
  expect(await rows("SELECT COUNT(*) AS n FROM messages")).toEqual([before]);
});

test("is the same in every database", async () => {
  await using other = await createScratch();
  await seedDemo(other.url);
  const elsewhere = await connectBare(other.url);
  for (const table of [
    "users",
    "conversations",
    "conversation_members",
    "messages",
    "reactions",
    "id_blocks",
  ]) {
    const sum = `CHECKSUM TABLE ${table}`;
    const [[here], [there]] = [await rows(sum), await elsewhere.query(sum)];
    expect(there.Checksum, table).toBe(here?.Checksum);
  }
  await elsewhere.end();
});

test("a group to scroll through, three groups and every direct conversation", async () => {
  const groups = await rows(
    "SELECT title, last_seq FROM conversations WHERE kind = 'group' ORDER BY last_seq",
  );
  expect(groups).toHaveLength(3);
  expect(groups.at(-1)?.last_seq).toBe(10_000);
  const keys = await rows("SELECT direct_key FROM conversations WHERE kind = 'direct' ORDER BY direct_key");
  expect(keys).toHaveLength(15);
  expect(keys[0]?.direct_key).toBe("1 2");
});

describe("promises that the message service keeps, kept here too", () => {
  test("P3: seq is dense", async () => {
    const broken = await rows(`SELECT c.id FROM conversations c JOIN messages m ON m.conversation_id = c.id
      GROUP BY c.id HAVING MIN(m.seq) <> 1 OR MAX(m.seq) <> COUNT(*) OR MAX(m.seq) <> MAX(c.last_seq)`);
    expect(broken).toEqual([]);
  });

  test("P4: every change has raised the revision by one, and a message knows its last", async () => {
    const broken =
      await rows(`SELECT c.id, c.revision, COUNT(DISTINCT m.revision) AS known, MAX(m.revision) AS newest,
        1 + COUNT(*) + SUM((m.edited_at IS NOT NULL) + (m.deleted_at IS NOT NULL) + (m.pinned_at IS NOT NULL))
          + (SELECT COUNT(*) FROM reactions r JOIN messages n ON n.id = r.message_id
             WHERE n.conversation_id = c.id) AS changes
      FROM conversations c JOIN messages m ON m.conversation_id = c.id
      GROUP BY c.id HAVING c.revision <> changes OR newest <> c.revision OR known <> COUNT(*)`);
    expect(broken).toEqual([]);
  });

  test("P6: read ≤ delivered ≤ last, and some of it waits for alice alone", async () => {
    const broken = await rows(`SELECT m.user_id FROM conversation_members m
      JOIN conversations c ON c.id = m.conversation_id
      WHERE NOT (m.read_seq <= m.delivered_seq AND m.delivered_seq <= c.last_seq AND m.notified_seq = c.last_seq)`);
    expect(broken).toEqual([]);
    const unread = await rows(`SELECT m.user_id, COUNT(*) AS n, SUM(x.sender_id = m.user_id) AS own
      FROM conversation_members m
      JOIN messages x ON x.conversation_id = m.conversation_id AND x.seq > m.read_seq GROUP BY m.user_id`);
    expect(unread).toEqual([{ user_id: "1", n: 16n, own: "0" }]);
  });

  test("what is deleted has no body, what is answered is in the same conversation and older", async () => {
    const broken = await rows(`SELECT m.id FROM messages m LEFT JOIN messages a ON a.id = m.reply_to_id
      WHERE (m.deleted_at IS NOT NULL) <> (m.body IS NULL)
        OR (m.reply_to_id IS NOT NULL AND NOT (a.conversation_id = m.conversation_id AND a.seq < m.seq))`);
    expect(broken).toEqual([]);
  });
});

test("reads like chat: varied, with emoji, nothing left to fill in", async () => {
  const [row] = await rows(`SELECT COUNT(DISTINCT body) AS bodies, SUM(body LIKE '%{%') AS unfilled,
    SUM(body LIKE '%🎉%') AS parties, SUM(edited_at IS NOT NULL) AS edited FROM messages`);
  expect(Number(row?.bodies)).toBeGreaterThan(800);
  expect(Number(row?.unfilled)).toBe(0);
  expect(Number(row?.parties)).toBeGreaterThan(10);
  expect(Number(row?.edited)).toBeGreaterThan(10);
});

test("ids that are handed out later meet none of its own", async () => {
  await using db = await createDb({ url: scratch.url });
  for (const [name, table] of [
    ["message", "messages"],
    ["conversation", "conversations"],
    ["user", "users"],
  ] as const) {
    const [next] = await createIdAllocator(db.sql, name).next(1);
    const [row] = await rows(`SELECT MAX(CAST(id AS UNSIGNED)) AS highest FROM ${table}`);
    expect(next, name).toBeGreaterThan(row?.highest as bigint);
  }
});

test("keeps out of a database that has people of its own", async () => {
  await using other = await createScratch();
  const theirs = await connectBare(other.url);
  await theirs.query("INSERT INTO users (id, display_name, created_at) VALUES ('u-1', 'Zoë', NOW(3))");
  expect(await seedDemo(other.url)).toEqual({ accounts: [] });
  expect(await theirs.query("SELECT id FROM users")).toEqual([{ id: "u-1" }]);
  await theirs.end();
});
