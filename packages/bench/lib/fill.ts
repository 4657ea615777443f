import { openDatabase } from "./database.ts";
import type { System } from "./system.ts";

const ROWS_PER_STATEMENT = 10_000;
/** Far beyond what the services hand out, and below 2^53. */
let nextMessageId = 1_000_000_000_000;

const DIGIT =
  "(SELECT 0 d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9)";
const NUMBERS = `(SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d AS n FROM ${DIGIT} a, ${DIGIT} b, ${DIGIT} c, ${DIGIT} e)`;

/** Puts so many messages into an empty conversation, in SQL alone: as if they had been sent. */
export async function fillConversation(
  system: System,
  { id, senderId, count }: { id: string; senderId: string; count: number },
): Promise<void> {
  await using database = await openDatabase(system.databaseUrl);
  const firstId = nextMessageId;
  nextMessageId += count;
  for (let done = 0; done < count; done += ROWS_PER_STATEMENT) {
    const rows = Math.min(ROWS_PER_STATEMENT, count - done);
    await database.query(
      `INSERT INTO messages (conversation_id, seq, id, sender_id, dedupe, kind, body, revision, created_at)
       SELECT ?, ? + n, ? + n, ?, UNHEX(MD5(CONCAT(?, '/', ? + n))), 'text', REPEAT('x', 100), ? + n,
         CURRENT_TIMESTAMP(3)
       FROM ${NUMBERS} numbers WHERE n < ?`,
      [id, done + 1, firstId + done, senderId, id, done + 1, done + 1, rows],
    );
  }
  await database.query(
    "UPDATE conversations SET last_seq = ?, revision = ?, last_message_at = CURRENT_TIMESTAMP(3) WHERE id = ?",
    [count, count, id],
  );
}
