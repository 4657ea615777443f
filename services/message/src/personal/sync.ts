/** P4, for what is a person's own: from a revision, however old, a device is exact again. */
import type { HiddenMessage, PersonalSyncReply, UserId } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import { type DraftRecord, toDraft } from "./drafts.ts";
import { readPersonalRevision } from "./revision.ts";
import { PERSONAL_COLUMNS, type PersonalRecord, toPersonal } from "./state.ts";

const ROWS_PER_REPLY = 200;

interface HiddenRecord {
  conversation_id: bigint;
  message_id: bigint;
  seq: bigint | number;
  revision: bigint | number;
}

/**
 * Settings and drafts that changed after a revision, and what was hidden after it; also in conversations that the person
 * left, for they may come back, and what changed before then is not told again.
 */
export async function syncPersonal(
  ctx: MessageContext,
  { userId, after }: { userId: UserId; after: number },
): Promise<PersonalSyncReply> {
  // INVARIANT: the revision comes first. Whatever is committed later may be in the rows already, never missing.
  const newest = await readPersonalRevision(ctx.sql, userId);
  if (newest <= after) return { revision: newest, states: [], drafts: [], hidden: [], hasMore: false };
  const states = (await readStates(ctx, userId, after)).map(toPersonal);
  const drafts = (await readDrafts(ctx, userId, after)).map(toDraft);
  const hidden = (await readHidden(ctx, userId, after)).map(toHidden);
  const lists = [states, drafts, hidden];
  const ends = lists.flatMap((rows) => rows[ROWS_PER_REPLY - 1]?.revision ?? []);
  const hasMore = lists.some((rows) => rows.length > ROWS_PER_REPLY);
  // Up to here all are complete.
  const revision = hasMore ? Math.min(...ends) : newest;
  const isIn = (row: { revision: number }) => !hasMore || row.revision <= revision;
  return {
    revision,
    states: states.filter(isIn),
    drafts: drafts.filter(isIn),
    hidden: hidden.filter(isIn),
    hasMore,
  };
}

const readStates = (ctx: MessageContext, userId: UserId, after: number) =>
  ctx.sql.$queryRaw<PersonalRecord[]>`
    SELECT ${PERSONAL_COLUMNS} FROM conversation_members m
    WHERE m.user_id = ${userId} AND m.personal_revision > ${after}
    ORDER BY m.personal_revision LIMIT ${ROWS_PER_REPLY + 1}`;

/** To a device that knows nothing, a draft that was cleared is none. */
const readDrafts = (ctx: MessageContext, userId: UserId, after: number) =>
  ctx.sql.$queryRaw<DraftRecord[]>`
    SELECT d.conversation_id, d.thread_root_id, d.revision, d.body, d.reply_to_id, d.updated_at
    FROM drafts d
    WHERE d.user_id = ${userId} AND d.revision > ${after} AND (d.body <> '' OR ${after} > 0)
    ORDER BY d.revision LIMIT ${ROWS_PER_REPLY + 1}`;

const readHidden = (ctx: MessageContext, userId: UserId, after: number) =>
  ctx.sql.$queryRaw<HiddenRecord[]>`
    SELECT h.conversation_id, m.id AS message_id, h.seq, h.revision
    FROM hidden_messages h JOIN messages m ON m.conversation_id = h.conversation_id AND m.seq = h.seq
    WHERE h.user_id = ${userId} AND h.revision > ${after}
    ORDER BY h.revision LIMIT ${ROWS_PER_REPLY + 1}`;

const toHidden = (record: HiddenRecord): HiddenMessage => ({
  conversationId: String(record.conversation_id),
  messageId: String(record.message_id),
  seq: Number(record.seq),
  revision: Number(record.revision),
});
