/**
 * Mute, pin, archive, mark unread: each for one person, told to their devices alone. Nobody else sees a difference, so
 * no conversation's revision is raised; the person's own is.
 */
import {
  ChatError,
  type ConversationId,
  type PersonalState,
  type SetPersonal,
  type UserId,
} from "@confab/contract";
import { type Queries, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { publishTo } from "../publish.ts";
import { nextPersonalRevision } from "./revision.ts";
import { PERSONAL_COLUMNS, type PersonalRecord, toPersonal } from "./state.ts";

interface Place {
  userId: UserId;
  conversationId: ConversationId;
}
type Columns = Omit<PersonalRecord, "conversation_id" | "personal_revision">;

/** @throws ChatError `not_found` for those who are not in the conversation */
export function setPersonal(
  ctx: MessageContext,
  { userId, conversationId, mutedUntil, pinned, archived }: SetPersonal & { userId: UserId },
): Promise<PersonalState> {
  const now = new Date(ctx.clock.now());
  const since = (wanted: boolean, held: Date | null) => (wanted ? (held ?? now) : null);
  return changePersonal(ctx, { userId, conversationId }, (held) => ({
    ...held,
    ...(mutedUntil !== undefined && { muted_until: laterThan(now, mutedUntil) }),
    ...(pinned !== undefined && { pinned_at: since(pinned, held.pinned_at) }),
    ...(archived !== undefined && { archived_at: since(archived, held.archived_at) }),
  }));
}

const laterThan = (now: Date, text: string | null): Date | null => {
  const until = text === null ? null : new Date(text);
  return until && until > now ? until : null;
};

/**
 * P6: the watermark stays where it is, and with it what others see; only the person's own count begins earlier, until
 * they read on.
 * @throws ChatError `not_found` for those who are not in the conversation
 */
export async function markUnread(
  ctx: MessageContext,
  { userId, conversationId, seq }: Place & { seq: number },
): Promise<PersonalState> {
  const { conversation } = await requireMember(ctx.sql, { userId, conversationId });
  const unread_seq = Math.max(1, Math.min(seq, conversation.lastSeq));
  return changePersonal(ctx, { userId, conversationId }, (held) => ({ ...held, unread_seq }));
}

async function changePersonal(
  ctx: MessageContext,
  place: Place,
  decide: (held: Columns) => Columns,
): Promise<PersonalState> {
  const { state, changed } = await withTransaction(
    ctx.sql,
    async (tx) => {
      const held = await lockPersonal(tx, place);
      if (!held) throw new ChatError("not_found", { reason: "conversation" });
      const wanted = decide(held);
      if (isSame(held, wanted)) return { state: toPersonal(held), changed: false };
      return { state: await writePersonal(tx, place, wanted), changed: true };
    },
    { random: ctx.random },
  );
  if (changed) publishTo(ctx, place.userId, "personal:updated", { state });
  return state;
}

/** Undefined for those who are not in the conversation. */
async function lockPersonal(
  tx: Queries,
  { userId, conversationId }: Place,
): Promise<PersonalRecord | undefined> {
  const [record] = await tx.$queryRaw<PersonalRecord[]>`
    SELECT ${PERSONAL_COLUMNS} FROM conversation_members m
    WHERE m.conversation_id = ${BigInt(conversationId)} AND m.user_id = ${userId} AND m.left_at IS NULL
    FOR UPDATE`;
  return record;
}

const isSame = (one: Columns, other: Columns): boolean =>
  one.muted_until?.getTime() === other.muted_until?.getTime() &&
  one.pinned_at?.getTime() === other.pinned_at?.getTime() &&
  one.archived_at?.getTime() === other.archived_at?.getTime() &&
  (one.unread_seq === null ? null : Number(one.unread_seq)) === other.unread_seq;

/** INVARIANT: the member's row is locked by this transaction. */
async function writePersonal(
  tx: Queries,
  { userId, conversationId }: Place,
  { muted_until, pinned_at, archived_at, unread_seq }: Columns,
): Promise<PersonalState> {
  const revision = await nextPersonalRevision(tx, userId);
  await tx.$executeRaw`
    UPDATE conversation_members
    SET muted_until = ${muted_until}, pinned_at = ${pinned_at}, archived_at = ${archived_at},
      unread_seq = ${unread_seq}, personal_revision = ${revision}
    WHERE conversation_id = ${BigInt(conversationId)} AND user_id = ${userId}`;
  return toPersonal({
    conversation_id: BigInt(conversationId),
    personal_revision: revision,
    muted_until,
    pinned_at,
    archived_at,
    unread_seq,
  });
}

export interface EndedUnread {
  userId: UserId;
  state: PersonalState;
}

/** What was marked unread has been read. Who has left meanwhile is passed over: the others' marks are not to fail for it. */
export async function endUnread(tx: Queries, places: Place[]): Promise<EndedUnread[]> {
  const ended: EndedUnread[] = [];
  // In one order everywhere, since each takes a lock of its person.
  for (const place of places.sort((one, other) => (one.userId < other.userId ? -1 : 1))) {
    const held = await lockPersonal(tx, place);
    if (!held || held.unread_seq === null) continue;
    ended.push({
      userId: place.userId,
      state: await writePersonal(tx, place, { ...held, unread_seq: null }),
    });
  }
  return ended;
}
