/** What a run is judged by: plain facts, whoever holds them – a device, the REST of the server, or its tables. */

export interface QuoteFacts {
  id: string;
  seq: number;
  senderId: string;
  kind: string;
  body: string | null;
}

export interface ReactionFacts {
  emoji: string;
  count: number;
  /** In their own order: who came last is of no consequence. */
  userIds: string[];
  mine: boolean;
}

/** A message as one person sees it. */
export interface MessageFacts {
  id: string;
  seq: number;
  revision: number;
  senderId: string;
  clientMessageId: string;
  kind: string;
  body: string | null;
  metadata: unknown;
  createdAt: string;
  editedAt: string | null;
  deletedAt: string | null;
  pinnedAt: string | null;
  replyTo: QuoteFacts | null;
  threadRootId: string | null;
  /** Of a thread's root. */
  thread: { replyCount: number; lastReplySeq: number; lastReplyAt: string } | null;
  mentions: string[];
  reactions: ReactionFacts[];
}

export interface MemberFacts {
  userId: string;
  role: string;
  joinedSeq: number;
  deliveredSeq: number;
  readSeq: number;
}

/** What a person has of their own in a conversation. */
export interface OwnFacts {
  settings: {
    mutedUntil: string | null;
    pinnedAt: string | null;
    archivedAt: string | null;
    unreadFromSeq: number | null;
  };
  /** Texts by the thread that they are for; "" is the conversation itself. */
  drafts: Record<string, string>;
}

/** What a person has of a thread, without its messages. */
export interface ThreadFacts {
  following: boolean;
  readSeq: number;
  unreadCount: number;
}

/** A conversation as one of its members sees it. */
export interface ConversationFacts {
  id: string;
  kind: string;
  title: string | null;
  avatarUrl: string | null;
  /** In order of their ids. */
  members: MemberFacts[];
  unreadCount: number;
  mentionCount: number;
  /** Id and revision of the newest message, unless this person hid it. */
  lastMessage: string | null;
  own: OwnFacts;
  /** Of whatever the person has read or follows; by the root's id. */
  threads: ReadonlyMap<string, ThreadFacts>;
  /** All that this person may see, in order of seq. */
  messages: MessageFacts[];
}

/** What is said to be so: compared with the truth as far as it says anything. */
export interface Holding {
  /** Who holds it, for the reader of a failure. */
  name: string;
  /** In the order of the list: newest activity first. */
  conversations: HeldConversation[];
}

export interface HeldConversation
  extends Omit<ConversationFacts, "unreadCount" | "mentionCount" | "lastMessage" | "own" | "threads"> {
  /** Absent where the holder knows nothing of it. */
  counts?: Pick<ConversationFacts, "unreadCount" | "mentionCount" | "lastMessage">;
  own?: Partial<OwnFacts>;
  /** Those that are open. */
  threads?: HeldThread[];
  /** Watermarks of others are only followed in conversations that are open. */
  hasMarks: boolean;
  /** `messages` are all from the first to the last of them; null: none are held. */
  window: { fromStart: boolean; toEnd: boolean } | null;
}

export interface HeldThread extends ThreadFacts {
  rootId: string;
  root: MessageFacts | null;
  /** All from the first of them to the last that there is; all that there are, unless `hasOlder`. */
  replies: MessageFacts[];
  hasOlder: boolean;
}

/** Everything of `MessageFacts` and nothing else, of whatever has at least that. */
export function messageFacts(
  message: Omit<MessageFacts, "replyTo"> & { replyTo: QuoteFacts | null },
): MessageFacts {
  const { replyTo: quote } = message;
  return {
    id: message.id,
    seq: message.seq,
    revision: message.revision,
    senderId: message.senderId,
    clientMessageId: message.clientMessageId,
    kind: message.kind,
    body: message.body,
    metadata: message.metadata,
    createdAt: message.createdAt,
    editedAt: message.editedAt,
    deletedAt: message.deletedAt,
    pinnedAt: message.pinnedAt,
    replyTo: quote && {
      id: quote.id,
      seq: quote.seq,
      senderId: quote.senderId,
      kind: quote.kind,
      body: quote.body,
    },
    threadRootId: message.threadRootId,
    thread: message.thread && {
      replyCount: message.thread.replyCount,
      lastReplySeq: message.thread.lastReplySeq,
      lastReplyAt: message.thread.lastReplyAt,
    },
    mentions: message.mentions,
    reactions: message.reactions.map(({ emoji, count, userIds, mine }) => ({
      emoji,
      count,
      userIds: userIds.toSorted(),
      mine,
    })),
  };
}

export const memberFacts = (members: readonly MemberFacts[]): MemberFacts[] =>
  members
    .map(({ userId, role, joinedSeq, deliveredSeq, readSeq }) => ({
      userId,
      role,
      joinedSeq,
      deliveredSeq,
      readSeq,
    }))
    .sort((one, other) => (one.userId < other.userId ? -1 : 1));

export const lastMessageFacts = (message: { id: string; revision: number } | null): string | null =>
  message && `${message.id} at ${message.revision}`;
