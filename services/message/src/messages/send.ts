/**
 * P1: what is acknowledged is committed. P2: one message per (sender, key), for ever. P3: seq is dense, in order of
 * commit. P4: each message raises its conversation's revision by one. A batch of any size costs one commit, one
 * row per message and one per conversation.
 */
import type { ChatError, ConversationId, Message, UserId } from "@confab/contract";
import { isDuplicateKey, isUnavailable, Prisma, type Transaction, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { asChatError } from "../faults.ts";
import { appendReplies } from "../threads/append.ts";
import { insertMessages, moveHeads } from "./append.ts";
import type { ConversationHead } from "./head.ts";
import { type BatchState, type Decision, type Plan, planBatch, type SendItem } from "./plan.ts";
import { readState, readStored } from "./read-state.ts";
import type { StoredMessage } from "./row.ts";
import { loadQuotes, toMessage, toQuote, viewMessages } from "./view.ts";

export type SendOutcome = { message: Message; duplicate: boolean } | ChatError;

export interface StoredBatch {
  /** One for each item, in their order. */
  outcomes: SendOutcome[];
  /** What is new, in order of seq, for those who are to hear of it. */
  created: Placed[];
  /** What was there before: whoever sent it again got no answer, so perhaps nobody has heard of it either. */
  repeated: Placed[];
  /** What changed with it: roots whose threads were answered. Heard of after what is new. */
  updated: Placed[];
}

interface Placed {
  head: ConversationHead;
  message: Message;
  /** The other person, if they block the sender: only the sender's devices hear of it. */
  unheardBy: UserId | null;
}

/** Another process may win the race for a key; it has committed by then, so the second run sees its message. */
const RUNS_PER_KEY_RACE = 3;

/**
 * Stores what may be stored, in one transaction. Item by item the outcome is a message or a refusal: `not_found`,
 * `conflict`, `forbidden`, `invalid`.
 * @throws what the database threw if nothing could be decided; then nothing is stored, unless it was lost at commit
 */
export async function storeBatch(ctx: MessageContext, items: SendItem[]): Promise<StoredBatch> {
  const ids = await ctx.ids.message.next(items.length);
  for (let run = 1; ; run++) {
    try {
      // Keys that were used before are rare, so they are looked for only after one turned up.
      const attempt = { items, ids, looksForStored: run > 1 };
      return await withTransaction(ctx.sql, (tx) => storeOnce(ctx, tx, attempt), { random: ctx.random });
    } catch (error) {
      if (isDuplicateKey(error, "ux_messages_dedupe") && run < RUNS_PER_KEY_RACE) continue;
      if (isUnavailable(error) || items.length === 1) throw error;
      ctx.log.warn({ err: error, items: items.length }, "a batch failed as a whole; its items go one by one");
      return storeOneByOne(ctx, items);
    }
  }
}

/** Whatever one item has that the database cannot take must not cost its neighbours their messages. */
async function storeOneByOne(ctx: MessageContext, items: SendItem[]): Promise<StoredBatch> {
  const batch: StoredBatch = { outcomes: [], created: [], repeated: [], updated: [] };
  for (const item of items) {
    try {
      const one = await storeBatch(ctx, [item]);
      batch.outcomes.push(...one.outcomes);
      batch.created.push(...one.created);
      batch.repeated.push(...one.repeated);
      batch.updated.push(...one.updated);
    } catch (error) {
      batch.outcomes.push(asChatError(error));
    }
  }
  return batch;
}

interface Attempt {
  items: SendItem[];
  ids: bigint[];
  looksForStored: boolean;
}

/** Two round trips for most batches: the locks and what is under them; then everything that is written, and the commit. */
async function storeOnce(
  ctx: MessageContext,
  tx: Transaction,
  { items, ids, looksForStored }: Attempt,
): Promise<StoredBatch> {
  const at = new Date(ctx.clock.now());
  const { state, plan } = await decide(tx, { items, ids, looksForStored }, at);
  const heads = new Map(plan.heads.map((head) => [head.id, head]));
  const guarded = ({ conversationId }: StoredMessage) =>
    heads.get(conversationId)?.settings.history === "joining";
  const quotes = await loadQuotes(tx, plan.messages.filter(guarded), null);
  const fresh = new Set(plan.messages);
  const updated = await viewRoots(tx, plan, heads);
  const batch: StoredBatch = { outcomes: [], created: [], repeated: [], updated };
  for (const [index, decision] of plan.decisions.entries()) {
    if (decision.outcome === "refused") {
      batch.outcomes.push(decision.error);
      continue;
    }
    const { unheardBy } = decision;
    const { conversationId } = decision.message;
    const head = (heads.get(conversationId) ?? state.heads.get(conversationId)) as ConversationHead;
    if (decision.outcome === "new") {
      const { replyTo } = decision;
      const quote =
        head.settings.history === "all" ? replyTo && toQuote(replyTo) : quotes.get(replyTo?.id ?? "");
      const message = toMessage(decision.message, quote ?? null);
      batch.outcomes.push({ message, duplicate: false });
      batch.created.push({ head, message, unheardBy });
    } else {
      const message = await present(tx, decision.message, (items[index] as SendItem).senderId);
      batch.outcomes.push({ message, duplicate: true });
      if (!fresh.has(decision.message)) batch.repeated.push({ head, message, unheardBy });
    }
  }
  if (plan.messages.length > 0) await tx.$commit(writesOf(plan, at));
  return batch;
}

/** Who is refused may only have come twice: what they sent the first time has its answer. */
async function decide(
  tx: Transaction,
  { items, ids, looksForStored }: Attempt,
  at: Date,
): Promise<{ state: BatchState; plan: Plan }> {
  const state = await readState(tx, items);
  const plan = planBatch(items, state, ids, at);
  if (!looksForStored && !plan.decisions.some(({ outcome }) => outcome === "refused")) return { state, plan };
  const informed = { ...state, stored: await readStored(tx, items) };
  return { state: informed, plan: planBatch(items, informed, ids, at) };
}

function writesOf(plan: Plan, at: Date): Prisma.Sql[] {
  return [
    insertMessages(plan.messages),
    moveHeads(plan.heads, at),
    ...appendReplies(plan),
    ...hideUnheard(plan.decisions, at),
    ...noteSlowed(plan.slowed, at),
  ];
}

/** What a person who is blocked says, the other one is never shown: with revision 0, for there is nothing to tell. */
function hideUnheard(decisions: Decision[], at: Date): Prisma.Sql[] {
  const rows = decisions.flatMap((decision) => {
    if (decision.outcome !== "new" || decision.unheardBy === null) return [];
    const { conversationId, seq } = decision.message;
    return [Prisma.sql`(${decision.unheardBy}, ${BigInt(conversationId)}, ${seq}, ${at})`];
  });
  if (rows.length === 0) return [];
  return [
    Prisma.sql`INSERT INTO hidden_messages (user_id, conversation_id, seq, hidden_at) VALUES ${Prisma.join(rows)}`,
  ];
}

function noteSlowed(slowed: Plan["slowed"], at: Date): Prisma.Sql[] {
  if (slowed.length === 0) return [];
  const pairs = slowed.map(
    ({ conversationId, userId }) =>
      Prisma.sql`(conversation_id = ${BigInt(conversationId)} AND user_id = ${userId})`,
  );
  return [
    Prisma.sql`UPDATE conversation_members SET last_sent_at = ${at} WHERE ${Prisma.join(pairs, " OR ")}`,
  ];
}

async function viewRoots(
  tx: Transaction,
  { roots }: Plan,
  heads: ReadonlyMap<ConversationId, ConversationHead>,
): Promise<Placed[]> {
  if (roots.length === 0) return [];
  const views = await viewMessages(
    tx,
    roots.map(({ root }) => root),
    null,
  );
  return roots.map(({ root, unheardBy }, index) => ({
    head: heads.get(root.conversationId) as ConversationHead,
    message: views[index] as Message,
    unheardBy,
  }));
}

async function present(tx: Transaction, message: StoredMessage, viewerId: UserId): Promise<Message> {
  const [view] = await viewMessages(tx, [message], viewerId);
  return view as Message;
}
