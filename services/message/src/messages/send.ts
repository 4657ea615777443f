/**
 * P1: what is acknowledged is committed. P2: one message per (sender, key), for ever. P3: seq is dense, in order of
 * commit. P4: each message raises its conversation's revision by one. A batch of any size costs one commit, one
 * row per message and one per conversation.
 */
import type { ChatError, ConversationId, Message, MessageId, UserId } from "@confab/contract";
import { isDuplicateKey, isUnavailable, Prisma, type Transaction, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { findMembers, type Membership } from "../conversations/access.ts";
import { asChatError } from "../faults.ts";
import { appendReplies } from "../threads/append.ts";
import { insertMessages, moveHeads } from "./append.ts";
import { uuidToBytes } from "./dedupe.ts";
import { type ConversationHead, lockHeads } from "./head.ts";
import { type BatchState, type Decision, type Plan, planBatch, type SendItem, storedKey } from "./plan.ts";
import { MESSAGE_COLUMNS, type MessageRecord, type StoredMessage, toStoredMessage } from "./row.ts";
import { loadMessages, loadQuotes, toMessage, toQuote, viewMessages } from "./view.ts";

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
      return await withTransaction(ctx.prisma, (tx) => storeOnce(ctx, tx, items, ids), {
        random: ctx.random,
      });
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

async function storeOnce(
  ctx: MessageContext,
  tx: Transaction,
  items: SendItem[],
  ids: bigint[],
): Promise<StoredBatch> {
  const at = new Date(ctx.clock.now());
  const state = await readState(tx, items);
  const plan = planBatch(items, state, ids, at);
  if (plan.messages.length > 0) {
    await insertMessages(tx, plan.messages);
    await moveHeads(tx, plan.heads, at);
    await appendReplies(tx, plan);
    await hideUnheard(tx, plan.decisions, at);
    await noteSlowed(tx, plan.slowed, at);
  }
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
  return batch;
}

/** What a person who is blocked says, the other one is never shown. */
async function hideUnheard(tx: Transaction, decisions: Decision[], at: Date): Promise<void> {
  const rows = decisions.flatMap((decision) => {
    if (decision.outcome !== "new" || decision.unheardBy === null) return [];
    const { conversationId, seq } = decision.message;
    return [Prisma.sql`(${decision.unheardBy}, ${BigInt(conversationId)}, ${seq}, ${at})`];
  });
  if (rows.length === 0) return;
  await tx.$executeRaw`
    INSERT INTO hidden_messages (user_id, conversation_id, seq, hidden_at) VALUES ${Prisma.join(rows)}`;
}

async function noteSlowed(tx: Transaction, slowed: Plan["slowed"], at: Date): Promise<void> {
  if (slowed.length === 0) return;
  const pairs = slowed.map(
    ({ conversationId, userId }) =>
      Prisma.sql`(conversation_id = ${BigInt(conversationId)} AND user_id = ${userId})`,
  );
  await tx.$executeRaw`
    UPDATE conversation_members SET last_sent_at = ${at} WHERE ${Prisma.join(pairs, " OR ")}`;
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

/** INVARIANT: the locks come first. What is read after them is what whoever held them before has committed. */
async function readState(tx: Transaction, items: SendItem[]): Promise<BatchState> {
  const heads = await lockHeads(
    tx,
    items.map((item) => item.conversationId),
  );
  const members = await readMembers(tx, items);
  const stored = await readStored(tx, items);
  const replyTargets = await readTargets(tx, items);
  return { heads, members, stored, replyTargets };
}

/** What the items answer or quote, and the root of a thread when a reply of it is quoted. */
async function readTargets(tx: Transaction, items: SendItem[]): Promise<Map<MessageId, StoredMessage>> {
  const named = items.flatMap(({ message }) => [message.replyToId ?? [], message.threadRootId ?? []].flat());
  const targets = await loadMessages(tx, new Set(named));
  const roots = new Set([...targets.values()].flatMap((target) => target.threadRootId ?? []));
  return new Map([...targets, ...(await loadMessages(tx, roots))]);
}

/** Which senders and mentioned people are in the conversations. */
function readMembers(tx: Transaction, items: SendItem[]): Promise<Map<string, Membership>> {
  const people = new Map<ConversationId, Set<UserId>>();
  for (const { conversationId, senderId, message } of items) {
    const named = people.get(conversationId) ?? new Set();
    people.set(conversationId, named.add(senderId));
    for (const userId of message.mentions ?? []) named.add(userId);
  }
  return findMembers(tx, people);
}

/** What the senders have stored under these keys before, in one query. */
async function readStored(tx: Transaction, items: SendItem[]): Promise<Map<string, StoredMessage>> {
  const wanted = new Map<UserId, Buffer[]>();
  for (const { senderId, message } of items) {
    const keys = wanted.get(senderId) ?? [];
    keys.push(uuidToBytes(message.clientMessageId));
    wanted.set(senderId, keys);
  }
  const pairs = [...wanted].map(
    ([senderId, keys]) => Prisma.sql`(m.sender_id = ${senderId} AND m.dedupe IN (${Prisma.join(keys)}))`,
  );
  const records = await tx.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE ${Prisma.join(pairs, " OR ")}`;
  return new Map(
    records
      .map(toStoredMessage)
      .map((message) => [storedKey(message.senderId, message.clientMessageId), message]),
  );
}
