import { z } from "zod";
import { Message, Timestamp } from "./entities.ts";
import { MessageId, Seq } from "./ids.ts";
import { LIMITS } from "./limits.ts";

/** What one person has of a thread: own watermark, own unread count. Who posts, is mentioned or began it follows it. */
export const ThreadState = z
  .object({
    rootId: MessageId,
    conversationId: z.string(),
    following: z.boolean(),
    readSeq: Seq,
    unreadCount: z.int().min(0).max(LIMITS.unreadCap),
  })
  .meta({ id: "ThreadState" });
export type ThreadState = z.infer<typeof ThreadState>;

export const ThreadItem = ThreadState.extend({ root: Message }).meta({ id: "ThreadItem" });
export type ThreadItem = z.infer<typeof ThreadItem>;

/** Replies in seq order, oldest first, with the root and the reader's own state. */
export const ThreadPage = z
  .object({
    root: Message,
    state: ThreadState,
    items: z.array(Message),
    hasOlder: z.boolean(),
    hasNewer: z.boolean(),
  })
  .meta({ id: "ThreadPage" });
export type ThreadPage = z.infer<typeof ThreadPage>;

/** `before` and `after` are exclusive, and seqs of the conversation; without: the newest page. */
export const ThreadQuery = z
  .strictObject({
    before: z.coerce.number().pipe(Seq).optional(),
    after: z.coerce.number().pipe(Seq).optional(),
    limit: z.coerce.number().int().min(1).max(LIMITS.historyPage).default(50),
  })
  .refine((query) => query.before === undefined || query.after === undefined, {
    message: "give one of before, after",
  });
export type ThreadQuery = z.infer<typeof ThreadQuery>;

export const ThreadListQuery = z.strictObject({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(LIMITS.listPage).default(20),
});
export const ThreadList = z.object({ items: z.array(ThreadItem), nextCursor: z.string().nullable() });

/** What a message was before it was edited, oldest first; the last one is what it says now. */
export const MessageVersion = z
  .object({ revision: Seq, body: z.string().nullable(), writtenAt: Timestamp })
  .meta({ id: "MessageVersion" });
export type MessageVersion = z.infer<typeof MessageVersion>;

const RootRef = z.strictObject({ rootId: MessageId });
const StateAck = z.object({ state: ThreadState });

/** Spread into `COMMANDS`. */
export const THREAD_COMMANDS = {
  "thread:read": {
    about: "The person has seen the thread up to `seq`.",
    payload: RootRef.extend({ seq: Seq }),
    ack: StateAck,
    limit: "receipt",
  },
  "thread:follow": {
    about: "Hear of new replies without posting.",
    payload: RootRef,
    ack: StateAck,
    limit: "change",
  },
  "thread:unfollow": {
    about: "Hear of them no longer; being mentioned changes nothing about it, posting does.",
    payload: RootRef,
    ack: StateAck,
    limit: "change",
  },
  "thread:messages": {
    about: "A page of replies, oldest first.",
    payload: ThreadQuery.safeExtend({ rootId: MessageId }),
    ack: ThreadPage,
    limit: "read",
  },
  "thread:list": {
    about: "Threads that you follow, latest reply first.",
    payload: ThreadListQuery,
    ack: ThreadList,
    limit: "read",
  },
  "message:edits": {
    about: "What a message said before it was edited (admins and moderators of the group).",
    payload: z.strictObject({ messageId: MessageId }),
    ack: z.object({ items: z.array(MessageVersion) }),
    limit: "read",
  },
} as const;

/** Spread into `EVENTS`. */
export const THREAD_EVENTS = {
  "thread:updated": {
    about: "You read, followed or left a thread on one of your devices, or began to follow it by posting.",
    payload: z.object({ state: ThreadState }),
  },
} as const;
