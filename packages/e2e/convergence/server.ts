/** What the server says of itself: its REST, read to the end, and what its sync makes of an older state. */
import type {
  ConversationSummary,
  HiddenMessage,
  HistoryPage,
  Member,
  Message,
  PersonalSyncReply,
  SyncReply,
} from "@confab/contract";
import type { Random } from "@confab/testkit";
import { rest } from "../rest.ts";
import { type HeldConversation, type Holding, lastMessageFacts, memberFacts, messageFacts } from "./facts.ts";
import { foldOwn, nothingOwn, type OwnSnapshot, ownFacts, placeOf, settingsFacts } from "./own.ts";

const PAGE = 100;

interface Reader {
  name: string;
  url: string;
  token: string;
}

/** All that this person can read, page by page. */
export async function readByRest(reader: Reader): Promise<Holding> {
  const conversations: HeldConversation[] = [];
  const own = await takeOwn(reader);
  for (const summary of await listAll(reader)) {
    conversations.push({
      ...detailsOf(summary, summary.members),
      counts: {
        unreadCount: summary.unreadCount,
        mentionCount: summary.mentionCount,
        lastMessage: lastMessageFacts(summary.lastMessage),
      },
      own: { ...ownFacts(own, summary.id), settings: settingsFacts(summary.personal) },
      messages: (await readHistory(reader, summary.id)).map(messageFacts),
    });
  }
  return { name: `REST of ${reader.name}`, conversations };
}

async function listAll(reader: Reader): Promise<ConversationSummary[]> {
  const items: ConversationSummary[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: { items: ConversationSummary[]; nextCursor: string | null } = await get(
      reader,
      `/v1/conversations?limit=3${cursor && `&cursor=${cursor}`}`,
    );
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

async function readHistory(reader: Reader, conversationId: string): Promise<Message[]> {
  const path = `/v1/conversations/${conversationId}/messages?limit=${PAGE}`;
  let page: HistoryPage = await get(reader, path);
  const messages = page.items;
  while (page.hasOlder) {
    page = await get(reader, `${path}&before=${messages[0]?.seq}`);
    messages.unshift(...page.items);
  }
  return messages;
}

/** A client's state of one conversation, by the rules of docs/protocol.md and with none of the SDK's code. */
export interface Snapshot {
  cursor: number;
  messages: Map<number, Message>;
}

const askOwn = (reader: Reader) => (after: number) =>
  post<PersonalSyncReply>(reader, "/v1/me/sync", { after });

/** Before the history of a conversation: what is hidden after it is told again. */
export const takeOwn = (reader: Reader): Promise<OwnSnapshot> => foldOwn(nothingOwn(), askOwn(reader));

/** The conversation's revision first, then its history: what is newer already does no harm. */
export async function takeSnapshot(reader: Reader, conversationId: string): Promise<Snapshot> {
  const { revision }: ConversationSummary = await get(reader, `/v1/conversations/${conversationId}`);
  const messages = await readHistory(reader, conversationId);
  return { cursor: revision, messages: new Map(messages.map((message) => [message.seq, message])) };
}

/**
 * An older state, made of the present one: whatever changed after a random cursor is missing or has another content,
 * of which nothing may be left once sync was folded over it. What was hidden later is there.
 */
export function ageSnapshot(
  present: Snapshot,
  random: Random,
  hiddenLater: readonly HiddenMessage[],
): Snapshot {
  const cursor = random.int(0, present.cursor);
  const messages = new Map<number, Message>();
  for (const [seq, message] of present.messages) {
    if (message.revision <= cursor) messages.set(seq, withOldQuote(message, cursor, present));
    else if (random.chance(0.5))
      messages.set(seq, { ...message, revision: cursor, body: "an older text", reactions: [] });
  }
  const [any] = present.messages.values();
  for (const { seq, messageId } of hiddenLater) {
    if (any) messages.set(seq, { ...any, seq, id: messageId, body: "not deleted yet", replyTo: null });
  }
  return { cursor, messages };
}

/** A reply shows what it answered as it was when the reply was read. */
function withOldQuote(message: Message, cursor: number, present: Snapshot): Message {
  const quoted = message.replyTo && present.messages.get(message.replyTo.seq);
  if (!message.replyTo || !quoted || quoted.revision <= cursor) return message;
  return { ...message, replyTo: { ...message.replyTo, body: "an older text" } };
}

/** Folds sync over the snapshots of one person, all at once and page by page, until there is no more. */
export async function foldSync(
  reader: Reader,
  snapshots: ReadonlyMap<string, Snapshot>,
  before: OwnSnapshot,
): Promise<Holding> {
  const folded = new Map([...snapshots].map(([id, { messages }]) => [id, new Map(messages)]));
  const details = new Map<string, HeldConversation>();
  let cursors = Object.fromEntries([...snapshots].map(([id, { cursor }]) => [id, cursor]));
  while (Object.keys(cursors).length > 0) {
    const reply: SyncReply = await post(reader, "/v1/sync", { cursors });
    cursors = {};
    for (const { conversationId, conversation, members, messages, hasMore, ...rest } of reply.conversations) {
      const state = folded.get(conversationId) ?? new Map<number, Message>();
      for (const message of messages) put(state, message);
      details.set(conversationId, { ...detailsOf(conversation, members), messages: [] });
      if (hasMore) cursors[conversationId] = messages.at(-1)?.revision ?? rest.revision;
    }
  }
  const own = await foldOwn(before, askOwn(reader));
  for (const [id, state] of folded) forgetHidden(id, state, own);
  const inOrder = (messages: Iterable<Message>) => [...messages].sort((one, other) => one.seq - other.seq);
  return {
    name: `sync of ${reader.name} from ${before.cursor}, ${[...snapshots].map(([id, { cursor }]) => `${id}@${cursor}`).join(" ")}`,
    conversations: [...details].map(([id, conversation]) => ({
      ...conversation,
      own: ownFacts(own, id),
      messages: inOrder(folded.get(id)?.values() ?? []).map(messageFacts),
    })),
  };
}

/** A message in its present state; a quote says what the quoted message says. */
function put(state: Map<number, Message>, message: Message): void {
  state.set(message.seq, message);
  const body = message.deletedAt === null ? message.body : null;
  for (const [seq, { replyTo, ...other }] of state) {
    if (replyTo?.id === message.id) state.set(seq, { ...other, replyTo: { ...replyTo, body } });
  }
}

function forgetHidden(conversationId: string, state: Map<number, Message>, { hidden }: OwnSnapshot): void {
  const isHidden = (seq: number) => hidden.has(placeOf(conversationId, seq));
  for (const [seq, { replyTo, ...other }] of state) {
    if (isHidden(seq)) state.delete(seq);
    else if (replyTo && isHidden(replyTo.seq))
      state.set(seq, { ...other, replyTo: { ...replyTo, body: null } });
  }
}

const detailsOf = (
  { id, kind, title, avatarUrl }: Pick<ConversationSummary, "id" | "kind" | "title" | "avatarUrl">,
  members: readonly Member[],
): Omit<HeldConversation, "messages"> => ({
  id,
  kind,
  title,
  avatarUrl,
  members: memberFacts(members),
  hasMarks: true,
  window: { fromStart: true, toEnd: true },
});

async function get<T>({ url, token }: Reader, path: string): Promise<T> {
  return answerOf(path, await rest(url, token).get(path));
}
async function post<T>({ url, token }: Reader, path: string, body: unknown): Promise<T> {
  return answerOf(path, await rest(url, token).post(path, body));
}
function answerOf<T>(path: string, { status, body }: { status: number; body: T }): T {
  if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
  return body;
}
