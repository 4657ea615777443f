import type { Connection } from "mariadb";
import { connectBare } from "./connect.ts";
import type { DbLog } from "./log.ts";
import { writeDialogue } from "./seed/dialogue.ts";
import { type DemoLog, writeLog } from "./seed/log.ts";
import { ALICE, DEMO_PASSWORD, DEMO_PASSWORD_HASH, PEOPLE } from "./seed/people.ts";
import { CONVERSATIONS, type DemoConversation } from "./seed/plan.ts";

export interface DemoAccount {
  username: string;
  password: string;
  displayName: string;
}

const ROWS_PER_INSERT = 1000;
const TIMEOUT_MS = 60_000;

/**
 * Six people, what they talk about, and a group with 10,000 messages: the same each time, once per database. Does
 * nothing, and names no accounts, where there are people already who are not the demo's.
 */
export async function seedDemo(
  url: string,
  { log }: { log?: DbLog } = {},
): Promise<{ accounts: DemoAccount[] }> {
  const connection = await connectBare(url, { socketTimeout: TIMEOUT_MS, timezone: "Z" });
  try {
    await connection.query("SET time_zone = '+00:00'");
    await connection.beginTransaction();
    // Whoever seeds at the same time waits here, and then finds the work done.
    const [block] = await connection.query("SELECT next_id FROM id_blocks WHERE name = 'message' FOR UPDATE");
    const state = await findPeople(connection);
    if (state === "strangers") return { accounts: [] };
    if (state === "nobody") {
      const startedAt = performance.now();
      const messages = await insertDemo(connection, Number(block.next_id));
      await connection.commit();
      log?.info?.({ messages, durationMs: Math.round(performance.now() - startedAt) }, "demo data is in");
    }
  } finally {
    // Without a commit, this rolls back.
    await connection.end();
  }
  return {
    accounts: PEOPLE.map(({ username, displayName }) => ({ username, displayName, password: DEMO_PASSWORD })),
  };
}

async function findPeople(connection: Connection): Promise<"nobody" | "demo" | "strangers"> {
  const [demo] = await connection.query("SELECT username FROM users WHERE id = ?", [ALICE.id]);
  if (demo) return demo.username === ALICE.username ? "demo" : "strangers";
  const [somebody] = await connection.query("SELECT id FROM users LIMIT 1");
  return somebody ? "strangers" : "nobody";
}

/** Returns how many messages there are now. */
async function insertDemo(connection: Connection, firstMessageId: number): Promise<number> {
  await insertPeople(connection);
  let nextMessageId = firstMessageId;
  for (const conversation of CONVERSATIONS) {
    const demoLog = logOf(conversation);
    await insertConversation(connection, conversation, demoLog);
    await insertMessages(connection, conversation.id, nextMessageId, demoLog);
    nextMessageId += demoLog.messages.length;
  }
  await connection.query("UPDATE id_blocks SET next_id = ? WHERE name = 'message'", [nextMessageId]);
  return nextMessageId - firstMessageId;
}

function logOf({ id, title, members, lines, unreadForAlice, startsAt }: DemoConversation): DemoLog {
  const [creator] = members;
  return writeLog({
    conversationId: id,
    startsAt,
    memberIds: members.map((person) => person.id),
    lines: writeDialogue(id, members, lines, { id: ALICE.id, lines: unreadForAlice }),
    ...(title && creator ? { opening: { creatorId: creator.id, title } } : {}),
    ...(title && unreadForAlice > 0 ? { mention: { id: ALICE.id, name: ALICE.username } } : {}),
  });
}

async function insertPeople(connection: Connection): Promise<void> {
  const createdAt = new Date(Math.min(...CONVERSATIONS.map(({ startsAt }) => startsAt.getTime())));
  await insertRows(
    connection,
    "users (id, username, password_hash, display_name, kind, created_at)",
    PEOPLE.map(({ id, username, displayName }) => [
      id,
      username,
      DEMO_PASSWORD_HASH,
      displayName,
      "human",
      createdAt,
    ]),
  );
}

/** P6: everybody has read everything, except for what waits for alice. */
async function insertConversation(
  connection: Connection,
  { id, title, members, unreadForAlice, startsAt }: DemoConversation,
  { messages, revision, lastMessageAt }: DemoLog,
): Promise<void> {
  const lastSeq = messages.length;
  const ids = members.map((person) => person.id);
  await insertRows(
    connection,
    `conversations
      (id, kind, direct_key, title, settings, last_seq, revision, created_by, created_at, last_message_at)`,
    [
      title
        ? [id, "group", null, title, "{}", lastSeq, revision, ids[0], startsAt, lastMessageAt]
        : [
            id,
            "direct",
            ids.toSorted().join(" "),
            null,
            "{}",
            lastSeq,
            revision,
            ids[0],
            startsAt,
            lastMessageAt,
          ],
    ],
  );
  await insertRows(
    connection,
    "conversation_members (conversation_id, user_id, role, joined_at, delivered_seq, read_seq, notified_seq)",
    ids.map((userId, index) => {
      const readSeq = userId === ALICE.id ? lastSeq - unreadForAlice : lastSeq;
      return [id, userId, title && index === 0 ? "admin" : "member", startsAt, lastSeq, readSeq, lastSeq];
    }),
  );
}

async function insertMessages(
  connection: Connection,
  conversationId: number,
  firstId: number,
  { messages }: DemoLog,
): Promise<void> {
  const json = (value: object | null) => (value === null ? null : JSON.stringify(value));
  await insertRows(
    connection,
    `messages (conversation_id, seq, id, sender_id, dedupe, kind, body, metadata, mentions, reply_to_id, revision,
      created_at, edited_at, deleted_at, pinned_at)`,
    messages.map((message, index) => [
      conversationId,
      message.seq,
      firstId + index,
      message.senderId,
      message.dedupe,
      message.kind,
      message.body,
      json(message.metadata),
      json(message.mentions),
      message.replyTo === null ? null : firstId + message.replyTo,
      message.revision,
      message.createdAt,
      message.editedAt,
      message.deletedAt,
      message.pinnedAt,
    ]),
  );
  await insertRows(
    connection,
    "reactions (message_id, emoji, user_id, created_at)",
    messages.flatMap(({ reactions, createdAt }, index) =>
      reactions.map(({ emoji, userId }) => [firstId + index, emoji, userId, createdAt]),
    ),
  );
}

async function insertRows(connection: Connection, into: string, rows: unknown[][]): Promise<void> {
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT) {
    const some = rows.slice(from, from + ROWS_PER_INSERT);
    const places = some.map((row) => `(${row.map(() => "?").join(",")})`);
    await connection.query(`INSERT INTO ${into} VALUES ${places.join(",")}`, some.flat());
  }
}
