/** What the database holds of everything that a batch of sends names. */
import type { ConversationId, MessageId, UserId } from "@confab/contract";
import { Prisma, type Queries, type Transaction } from "@confab/db";
import { membersToFind, type PeopleByConversation, toMembers } from "../conversations/access.ts";
import { uuidToBytes } from "./dedupe.ts";
import { headsToLock, toHeads } from "./head.ts";
import { type BatchState, type SendItem, storedKey } from "./plan.ts";
import { MESSAGE_COLUMNS, type MessageRecord, type StoredMessage, toStoredMessage } from "./row.ts";
import { loadMessages } from "./view.ts";

/**
 * All but what was stored under the items' keys before. INVARIANT: the locks come first. What is read after them is
 * what whoever held them before has committed.
 */
export async function readState(tx: Transaction, items: SendItem[]): Promise<BatchState> {
  const [heads, members] = (await tx.$together([
    headsToLock(items.map((item) => item.conversationId)),
    membersToFind(peopleOf(items)),
  ])) as [unknown[], unknown[]];
  const replyTargets = await readTargets(tx, items);
  return { heads: toHeads(heads), members: toMembers(members), stored: new Map(), replyTargets };
}

/** Senders and mentioned people, by conversation. */
function peopleOf(items: SendItem[]): PeopleByConversation {
  const people = new Map<ConversationId, Set<UserId>>();
  for (const { conversationId, senderId, message } of items) {
    const named = people.get(conversationId) ?? new Set();
    people.set(conversationId, named.add(senderId));
    for (const userId of message.mentions ?? []) named.add(userId);
  }
  return people;
}

/** What the items answer or quote, and the root of a thread when a reply of it is quoted. */
async function readTargets(tx: Queries, items: SendItem[]): Promise<Map<MessageId, StoredMessage>> {
  const named = items.flatMap(({ message }) => [message.replyToId ?? [], message.threadRootId ?? []].flat());
  const targets = await loadMessages(tx, new Set(named));
  const roots = new Set([...targets.values()].flatMap((target) => target.threadRootId ?? []));
  return new Map([...targets, ...(await loadMessages(tx, roots))]);
}

/** What the senders have stored under these keys before, in one query. */
export async function readStored(tx: Queries, items: SendItem[]): Promise<Map<string, StoredMessage>> {
  const keys = items.map(
    ({ senderId, message }) => Prisma.sql`(${senderId}, ${uuidToBytes(message.clientMessageId)})`,
  );
  const records = await tx.$queryRaw<MessageRecord[]>`
    SELECT ${MESSAGE_COLUMNS} FROM messages m WHERE (m.sender_id, m.dedupe) IN (${Prisma.join(keys)})`;
  return new Map(
    records
      .map(toStoredMessage)
      .map((message) => [storedKey(message.senderId, message.clientMessageId), message]),
  );
}
