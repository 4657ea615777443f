/**
 * P9: the index is asked for candidates, and only what the person may see now, as it reads now, is an answer: who has
 * left, what was deleted, hidden or edited since is found by nobody, however old the index is.
 */
import {
  ChatError,
  type Message,
  type SearchHit,
  type SearchPage,
  type SearchQuery,
  type UserId,
} from "@confab/contract";
import { Prisma } from "@confab/db";
import { withDeadline } from "@confab/runtime";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { notHidden } from "../messages/list.ts";
import { MESSAGE_COLUMNS, type MessageRecord, type StoredMessage, toStoredMessage } from "../messages/row.ts";
import { viewMessages } from "../messages/view.ts";
import { booleanQuery, highlight, tokenise } from "./terms.ts";

/** P10: a word that is everywhere takes the database long to sort; nobody waits for that. */
const SEARCH_DEADLINE_MS = 3000;
/** Candidates that turn out to be none (neighbours that are not adjacent, words that were edited) are made up for. */
const ROUNDS = 3;

interface Position {
  at: Date;
  id: bigint;
}
type Hit = { message: StoredMessage; highlights: SearchHit["highlights"] };

/**
 * Messages with all of these words, newest first. A page may have fewer hits than its limit and still a successor.
 * @throws ChatError `not_found` (a conversation that is not the caller's), `invalid` (cursor), `timeout`
 */
export async function searchMessages(
  ctx: MessageContext,
  input: SearchQuery & { userId: UserId },
): Promise<SearchPage> {
  const { userId, conversationId, limit } = input;
  if (conversationId !== undefined) await requireMember(ctx.sql, { userId, conversationId });
  const { hits, next } = await withDeadline(findHits(ctx, input), SEARCH_DEADLINE_MS, "search");
  const views = await viewMessages(
    ctx.sql,
    hits.map((hit) => hit.message),
    userId,
  );
  return {
    items: hits
      .slice(0, limit)
      .map(({ highlights }, index) => ({ message: views[index] as Message, highlights })),
    nextCursor: next && `${next.at.getTime()}-${next.id}`,
  };
}

async function findHits(
  ctx: MessageContext,
  input: SearchQuery & { userId: UserId },
): Promise<{ hits: Hit[]; next: Position | null }> {
  const tokens = tokenise(input.query);
  const against = booleanQuery(tokens);
  const hits: Hit[] = [];
  let next = input.cursor === undefined ? null : parseCursor(input.cursor);
  if (against === null) return { hits, next: null };
  for (let round = 0; round < ROUNDS; round++) {
    const wanted = input.limit - hits.length;
    const candidates = await readCandidates(ctx, { ...input, against, after: next, limit: wanted + 1 });
    for (const message of candidates.slice(0, wanted)) {
      const highlights = highlight(message.body ?? "", tokens);
      if (highlights) hits.push({ message, highlights });
    }
    const last = candidates[wanted - 1];
    if (candidates.length <= wanted || !last) return { hits, next: null };
    next = { at: last.createdAt, id: BigInt(last.id) };
    if (hits.length === input.limit) break;
  }
  return { hits, next };
}

interface CandidateRequest {
  userId: UserId;
  conversationId?: string | undefined;
  against: string;
  after: Position | null;
  limit: number;
}

async function readCandidates(
  ctx: MessageContext,
  { userId, conversationId, against, after, limit }: CandidateRequest,
): Promise<StoredMessage[]> {
  const within =
    conversationId === undefined
      ? Prisma.empty
      : Prisma.sql`AND t.conversation_id = ${BigInt(conversationId)}`;
  const older = after
    ? Prisma.sql`AND (m.created_at < ${after.at} OR (m.created_at = ${after.at} AND m.id < ${after.id}))`
    : Prisma.empty;
  const records = await ctx.sql.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS}
    FROM message_terms t JOIN messages m ON m.conversation_id = t.conversation_id AND m.seq = t.seq
    WHERE MATCH(t.terms) AGAINST (${against} IN BOOLEAN MODE) ${within} AND m.deleted_at IS NULL ${older}
      ${notHidden({ userId })}
    ORDER BY m.created_at DESC, m.id DESC LIMIT ${limit}`;
  return records.map(toStoredMessage);
}

function parseCursor(cursor: string): Position {
  const [, ms, id] = /^(\d{1,15})-([1-9]\d{0,15})$/.exec(cursor) ?? [];
  if (!ms || !id) throw new ChatError("invalid", { reason: "invalid:cursor" });
  return { at: new Date(Number(ms)), id: BigInt(id) };
}
