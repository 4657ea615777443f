/**
 * The log is the source here, too: what changed in a conversation after its mark in `search_heads` is read in the order
 * of revisions and put into `message_terms`. So a crash, an edit or two processes at once cost a delay and nothing else.
 */
import type { ConversationId } from "@confab/contract";
import { Prisma, type Queries, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { termsOf } from "./terms.ts";

/** Of conversations in one call: their marks are locked together, each by one transaction after the other. */
export const CONVERSATIONS_PER_CALL = 200;
/** Of all of them together in one transaction: enough that its statements cost each message little, and it ends soon. */
const REVISIONS_PER_STEP = 500;
/** UTF-16 units of bodies in one transaction: to cut one into words takes up to 0.4 µs (measured), in one go. */
const TEXT_PER_STEP = 256 * 1024;
const CONVERSATIONS_PER_QUERY = 5000;
/** Words of people; what is sealed nobody can read, and what Confab tells is in every reader's own language. */
const SEARCHED_KINDS = ["text", "code", "image", "file", "voice", "custom"];

interface RevisionRecord {
  id: bigint;
  revision: bigint | number;
}
interface ChangeRecord extends RevisionRecord {
  conversation_id: bigint;
  seq: bigint;
  kind: string;
  body: string | null;
}
/** The revisions of a conversation after `from` and up to `to`, which is the head unless they are too many. */
interface Piece {
  id: bigint;
  from: number;
  to: number;
  head: number;
}

/**
 * Brings up to `CONVERSATIONS_PER_CALL` conversations up to date; how many messages were looked at. Safe to run
 * anywhere at any time. A handful of statements, however many conversations: this is paid for with every message.
 */
export async function indexConversations(
  ctx: MessageContext,
  conversationIds: readonly ConversationId[],
): Promise<number> {
  let indexed = 0;
  let behind = conversationIds.map(BigInt);
  while (behind.length > 0) {
    const ids = behind;
    const step = await withTransaction(ctx.sql, (tx) => indexStep(tx, ids), { random: ctx.random });
    if (step.unmarked.length > 0) {
      const rows = step.unmarked.map((id) => Prisma.sql`(${id})`);
      await ctx.sql.$executeRaw`
        INSERT IGNORE INTO search_heads (conversation_id) VALUES ${Prisma.join(rows)}`;
    }
    indexed += step.indexed;
    behind = [...step.behind, ...step.unmarked];
  }
  return indexed;
}

async function indexStep(tx: Queries, ids: bigint[]) {
  // INVARIANT: locked first, so that whoever comes second reads what the first has left, and never writes older words.
  const marks = await tx.$queryRaw<RevisionRecord[]>`
    SELECT conversation_id AS id, revision FROM search_heads WHERE conversation_id IN (${Prisma.join(ids)})
    ORDER BY conversation_id FOR UPDATE`;
  const heads = await tx.$queryRaw<RevisionRecord[]>`
    SELECT id, revision FROM conversations WHERE id IN (${Prisma.join(ids)})`;
  const marked = new Set(marks.map(({ id }) => id));
  const unmarked = heads.filter(({ id }) => !marked.has(id)).map(({ id }) => id);
  const pieces = cutPieces(marks, heads);
  if (pieces.length === 0) return { indexed: 0, behind: [], unmarked };

  const changes = await readChanges(tx, pieces);
  const taken = changes.slice(0, countTaken(changes));
  await writeTerms(tx, taken);
  const reached = stopBefore(pieces, changes[taken.length]);
  await moveMarks(tx, reached);
  const behind = reached.filter(({ to, head }) => to < head).map(({ id }) => id);
  return { indexed: taken.length, behind, unmarked };
}

async function moveMarks(tx: Queries, reached: Piece[]): Promise<void> {
  const moved = reached.filter(({ from, to }) => to > from);
  const choose = moved.map(({ id, to }) => Prisma.sql`WHEN ${id} THEN ${to}`);
  await tx.$executeRaw`
    UPDATE search_heads SET revision = CASE conversation_id ${Prisma.join(choose, " ")} END
    WHERE conversation_id IN (${Prisma.join(moved.map(({ id }) => id))})`;
}

/** Those with the fewest changes first, so that none waits for one whose whole history is new. */
function cutPieces(marks: RevisionRecord[], heads: RevisionRecord[]): Piece[] {
  const headOf = new Map(heads.map(({ id, revision }) => [id, Number(revision)]));
  let left = REVISIONS_PER_STEP;
  return marks
    .map(({ id, revision }) => ({ id, from: Number(revision), head: headOf.get(id) ?? 0 }))
    .filter(({ from, head }) => head > from)
    .sort((one, other) => one.head - one.from - (other.head - other.from))
    .map((piece) => {
      const to = Math.min(piece.head, piece.from + left);
      left -= to - piece.from;
      return { ...piece, to };
    });
}

/**
 * What has these revisions now, in the order of the pieces and of revisions. Each is looked up by itself: MariaDB walks
 * through the whole conversation for a list of pairs (`IN`) or the index of its choice, and takes 50 µs for every branch of a
 * `UNION` (measured); this way it is 5 µs a message.
 */
async function readChanges(tx: Queries, pieces: Piece[]): Promise<ChangeRecord[]> {
  const wanted = pieces.flatMap(({ id, from, to }) =>
    Array.from({ length: to - from }, (_, index) => `[${id},${from + 1 + index}]`),
  );
  const changes = await tx.$queryRaw<ChangeRecord[]>`
    SELECT m.id, m.conversation_id, m.seq, m.kind, m.body, m.revision
    FROM JSON_TABLE(${`[${wanted}]`}, '$[*]' COLUMNS (
      conversation_id BIGINT UNSIGNED PATH '$[0]', revision INT UNSIGNED PATH '$[1]')) AS w
    STRAIGHT_JOIN messages m FORCE INDEX (ix_messages_revision)
      ON m.conversation_id = w.conversation_id AND m.revision = w.revision`;
  const place = new Map(pieces.map(({ id }, index) => [id, index]));
  const placeOf = (change: ChangeRecord) => place.get(change.conversation_id) ?? 0;
  return changes.sort(
    (one, other) => placeOf(one) - placeOf(other) || Number(one.revision) - Number(other.revision),
  );
}

/** As many as have no more text than one step takes; at least one. */
function countTaken(changes: ChangeRecord[]): number {
  let text = 0;
  const tooMuch = changes.findIndex(({ body }, index) => {
    text += body?.length ?? 0;
    return index > 0 && text > TEXT_PER_STEP;
  });
  return tooMuch === -1 ? changes.length : tooMuch;
}

/** The same pieces, without this change and what comes after it. */
function stopBefore(pieces: Piece[], change: ChangeRecord | undefined): Piece[] {
  if (!change) return pieces;
  const last = pieces.findIndex(({ id }) => id === change.conversation_id);
  return pieces.map((piece, index) => {
    if (index < last) return piece;
    return { ...piece, to: index === last ? Number(change.revision) - 1 : piece.from };
  });
}

async function writeTerms(tx: Queries, changes: ChangeRecord[]): Promise<void> {
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
    .map(({ id, conversation_id, seq, terms }) => Prisma.sql`(${id}, ${conversation_id}, ${seq}, ${terms})`);
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO message_terms (message_id, conversation_id, seq, terms) VALUES ${Prisma.join(rows)}
    ON DUPLICATE KEY UPDATE terms = VALUES(terms)`;
}

/** Conversations that have changed since they were indexed, from the beginning of all to the end of all, in parts. */
export async function* findUnindexed(ctx: MessageContext): AsyncGenerator<ConversationId[]> {
  let after = 0n;
  for (;;) {
    const rows = await ctx.sql.$queryRaw<{ id: bigint; is_behind: bigint | number }[]>`
      SELECT c.id, c.revision > COALESCE(s.revision, 0) AS is_behind
      FROM conversations c LEFT JOIN search_heads s ON s.conversation_id = c.id
      WHERE c.id > ${after} ORDER BY c.id LIMIT ${CONVERSATIONS_PER_QUERY}`;
    yield rows.filter((row) => Number(row.is_behind) === 1).map((row) => String(row.id));
    const last = rows.at(-1);
    if (rows.length < CONVERSATIONS_PER_QUERY || !last) return;
    after = last.id;
  }
}
