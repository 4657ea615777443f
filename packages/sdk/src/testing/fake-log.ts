import type {
  Conversation,
  ConversationSummary,
  Head,
  HistoryPage,
  Member,
  Message,
  SyncedConversation,
  User,
} from "@confab/contract";

/** A conversation as the message service keeps it: dense seq, one revision per change, watermarks. */
export interface FakeLog {
  readonly id: string;
  messages: Message[];
  revision: number;
  members: Member[];
  title: string | null;
  kind: "direct" | "group";
  /** Members beyond those who are listed. */
  hiddenMembers: number;
  /** Seqs that the person at the client deleted for themself. */
  hidden: Set<number>;
}

const AT = "2030-01-01T00:00:00.000Z";

export const fakeUser = (id: string): User => ({
  id,
  username: id,
  displayName: id.toUpperCase(),
  avatarUrl: null,
  kind: "human",
});

export const createFakeLog = (id: string, userIds: readonly string[], kind: FakeLog["kind"]): FakeLog => ({
  id,
  kind,
  title: kind === "group" ? `group ${id}` : null,
  revision: 0,
  hiddenMembers: 0,
  hidden: new Set(),
  messages: [],
  members: userIds.map((userId) => ({
    userId,
    role: "member",
    joinedSeq: 0,
    deliveredSeq: 0,
    readSeq: 0,
    user: fakeUser(userId),
  })),
});

export interface FakePost {
  senderId: string;
  body: string | null;
  clientMessageId?: string;
  kind?: Message["kind"];
  mentions?: string[];
}

let lastMessageId = 1000;
const mintFakeUuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** The message that a (sender, clientMessageId) has, new or not (P2). */
export function post(log: FakeLog, input: FakePost): { message: Message; duplicate: boolean } {
  const held = log.messages.find(
    (message) => message.senderId === input.senderId && message.clientMessageId === input.clientMessageId,
  );
  if (held !== undefined) return { message: held, duplicate: true };
  lastMessageId += 1;
  log.revision += 1;
  const message: Message = {
    id: String(lastMessageId),
    conversationId: log.id,
    seq: log.messages.length + 1,
    revision: log.revision,
    senderId: input.senderId,
    kind: input.kind ?? "text",
    body: input.body,
    metadata: null,
    clientMessageId: input.clientMessageId ?? mintFakeUuid(lastMessageId),
    createdAt: AT.replace("00.000", `${String(lastMessageId % 60).padStart(2, "0")}.000`),
    editedAt: null,
    deletedAt: null,
    pinnedAt: null,
    replyTo: null,
    threadRootId: null,
    thread: null,
    schemaId: null,
    mentions: input.mentions ?? [],
    attachments: [],
    reactions: [],
  };
  log.messages.push(message);
  return { message, duplicate: false };
}

export function change(log: FakeLog, seq: number, fields: Partial<Message>): Message {
  log.revision += 1;
  const message = { ...(log.messages[seq - 1] as Message), ...fields, revision: log.revision };
  log.messages[seq - 1] = message;
  return message;
}

export const conversationOf = (log: FakeLog): Conversation => ({
  id: log.id,
  kind: log.kind,
  title: log.title,
  avatarUrl: null,
  encrypted: false,
  settings: { history: "all", announcement: false, slowModeSeconds: 0 },
  createdAt: AT,
  lastMessageAt: log.messages.at(-1)?.createdAt ?? null,
  lastSeq: log.messages.length,
  revision: log.revision,
  memberCount: log.members.length + log.hiddenMembers,
  members: log.members,
});

export const memberOf = (log: FakeLog, userId: string): Member | undefined =>
  log.members.find((member) => member.userId === userId);

export function summaryOf(log: FakeLog, userId: string): ConversationSummary {
  const readSeq = memberOf(log, userId)?.readSeq ?? 0;
  const unread = log.messages.filter(
    (message) =>
      message.seq > readSeq &&
      message.senderId !== userId &&
      message.kind !== "system" &&
      message.deletedAt === null &&
      !log.hidden.has(message.seq),
  );
  return {
    ...conversationOf(log),
    personal: {
      conversationId: log.id,
      revision: 0,
      mutedUntil: null,
      pinnedAt: null,
      archivedAt: null,
      unreadFromSeq: null,
    },
    lastMessage: log.messages.slice(-1).find((message) => !log.hidden.has(message.seq)) ?? null,
    unreadCount: Math.min(100, unread.length),
    mentionCount: unread.filter((message) => message.mentions.includes(userId)).length,
  };
}

export function headOf(log: FakeLog, userId: string): Head {
  const { deliveredSeq = 0, readSeq = 0 } = memberOf(log, userId) ?? {};
  return {
    conversationId: log.id,
    revision: log.revision,
    lastSeq: log.messages.length,
    deliveredSeq,
    readSeq,
  };
}

export function pageOf(log: FakeLog, query: URLSearchParams): HistoryPage {
  const limit = Number(query.get("limit") ?? 50);
  const last = log.messages.length;
  const around = query.get("around");
  let from = last - limit;
  if (query.has("before")) from = Number(query.get("before")) - 1 - limit;
  if (query.has("after")) from = Number(query.get("after"));
  if (around !== null) from = Number(around) - 1 - Math.floor(limit / 2);
  const start = Math.max(0, from);
  const end = query.has("before") ? Number(query.get("before")) - 1 : Math.min(last, start + limit);
  const items = log.messages.slice(start, end).filter((message) => !log.hidden.has(message.seq));
  return { items, hasOlder: start > 0, hasNewer: end < last };
}

/** As the service reads it: the revision first, the rest a moment later; messages only if there was news. */
export function syncedOf(
  log: FakeLog,
  cursor: number,
  revision: number,
  pageSize: number,
): SyncedConversation {
  const changed = log.messages
    .filter((message) => cursor < revision && message.revision > cursor && !log.hidden.has(message.seq))
    .sort((one, other) => one.revision - other.revision);
  return {
    conversationId: log.id,
    revision,
    conversation: conversationOf(log),
    members: log.members,
    messages: changed.slice(0, pageSize),
    hasMore: changed.length > pageSize,
  };
}

export function mark(log: FakeLog, userId: string, seq: number, kind: "deliveredSeq" | "readSeq") {
  log.members = log.members.map((member) => {
    if (member.userId !== userId) return member;
    const top = Math.min(seq, log.messages.length);
    const readSeq = kind === "readSeq" ? Math.max(member.readSeq, top) : member.readSeq;
    return { ...member, readSeq, deliveredSeq: Math.max(member.deliveredSeq, top, readSeq) };
  });
  const { deliveredSeq = 0, readSeq = 0 } = memberOf(log, userId) ?? {};
  return { conversationId: log.id, userId, deliveredSeq, readSeq };
}
