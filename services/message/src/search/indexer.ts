/**
 * The log is the source here, too: what changed in a conversation after its mark in `search_heads` is read in the order
 * of revisions and put into `message_terms`. So a crash, an edit or two processes at once cost a delay and nothing else.
 */
import type { ConversationId } from "@confab/contract";
import { Prisma, type Queries, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { termsOf } from "./terms.ts";

const MESSAGES_PER_STEP = 200;
const CONVERSATIONS_PER_QUERY = 5000;
/** Words of people; what is sealed nobody can read, and what Confab tells is in every reader's own language. */
const SEARCHED_KINDS = ["text", "code", "image", "file", "voice", "custom"];

interface ChangeRecord {
  id: bigint;
  seq: bigint;
  kind: string;
  body: string | null;
  revision: bigint;
}

/** Brings one conversation up to date; how many messages were looked at. Safe to run anywhere at any time. */
export async function indexConversation(
  ctx: MessageContext,
  conversationId: ConversationId,
): Promise<number> {
  const id = BigInt(conversationId);
  await ctx.sql.$executeRaw`INSERT IGNORE INTO search_heads (conversation_id) VALUES (${id})`;
  let indexed = 0;
  for (;;) {
    const step = await withTransaction(ctx.sql, (tx) => indexStep(tx, id), { random: ctx.random });
    indexed += step;
    if (step < MESSAGES_PER_STEP) return indexed;
  }
}

async function indexStep(tx: Queries, id: bigint): Promise<number> {
  // INVARIANT: locked first, so that whoever comes second reads what the first has left, and never writes older words.
  const [mark] = await tx.$queryRaw<{ revision: bigint }[]>`
    SELECT revision FROM search_heads WHERE conversation_id = ${id} FOR UPDATE`;
  const [head] = await tx.$queryRaw<
    { revision: bigint }[]
  >`SELECT revision FROM conversations WHERE id = ${id}`;
  if (!mark || !head || head.revision <= mark.revision) return 0;
  const changes = await tx.$queryRaw<ChangeRecord[]>`
    SELECT id, seq, kind, body, revision FROM messages
    WHERE conversation_id = ${id} AND revision > ${mark.revision}
    ORDER BY revision LIMIT ${MESSAGES_PER_STEP}`;
  await writeTerms(tx, id, changes);
  const last = changes.at(-1);
  const reached = changes.length < MESSAGES_PER_STEP || !last ? head.revision : last.revision;
  await tx.$executeRaw`UPDATE search_heads SET revision = ${reached} WHERE conversation_id = ${id}`;
  return changes.length;
}

async function writeTerms(tx: Queries, conversationId: bigint, changes: ChangeRecord[]): Promise<void> {
  const withTerms = changes.map((change) => ({
    ...change,
    terms: SEARCHED_KINDS.includes(change.kind) && change.body !== null ? termsOf(change.body) : "",
  }));
  const gone = withTerms.filter((change) => change.terms === "").map((change) => change.id);
  if (gone.length > 0) {
    await tx.$executeRaw`DELETE FROM message_terms WHERE message_id IN (${Prisma.join(gone)})`;
  }
  const rows = withTerms
    .filter((change) => change.terms !== "")
    .map(({ id, seq, terms }) => Prisma.sql`(${id}, ${conversationId}, ${seq}, ${terms})`);
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO message_terms (message_id, conversation_id, seq, terms) VALUES ${Prisma.join(rows)}
    ON DUPLICATE KEY UPDATE terms = VALUES(terms)`;
}

/** Conversations that have changed since they were indexed, from the beginning of all to the end of all. */
export async function* findUnindexed(ctx: MessageContext): AsyncGenerator<ConversationId> {
  let after = 0n;
  for (;;) {
    const rows = await ctx.sql.$queryRaw<{ id: bigint; is_behind: bigint | number }[]>`
      SELECT c.id, c.revision > COALESCE(s.revision, 0) AS is_behind
      FROM conversations c LEFT JOIN search_heads s ON s.conversation_id = c.id
      WHERE c.id > ${after} ORDER BY c.id LIMIT ${CONVERSATIONS_PER_QUERY}`;
    for (const row of rows) if (Number(row.is_behind) === 1) yield String(row.id);
    const last = rows.at(-1);
    if (rows.length < CONVERSATIONS_PER_QUERY || !last) return;
    after = last.id;
  }
}
