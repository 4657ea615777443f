import { isDeepStrictEqual } from "node:util";
import {
  ChatError,
  type ConversationId,
  type Message,
  type MessageId,
  type MessageKind,
  type UserId,
} from "@confab/contract";
import { type Membership, memberKey } from "../conversations/access.ts";
import { may } from "../conversations/permissions.ts";
import { type ConversationHead, peerOf } from "./head.ts";
import type { StoredMessage } from "./row.ts";

/** A message that somebody means to send, its destination known. */
export interface SendItem {
  senderId: UserId;
  /** `member`: the sender must be in the conversation. `service`: the scopes of a token have decided already. */
  authority: "member" | "service";
  conversationId: ConversationId;
  message: {
    clientMessageId: string;
    kind: MessageKind;
    body: string | null;
    metadata?: Message["metadata"] | undefined;
    schemaId?: string | null | undefined;
    replyToId?: MessageId | null | undefined;
    /** Answers in the thread of this message. */
    threadRootId?: MessageId | null | undefined;
    mentions?: UserId[] | null | undefined;
    attachmentIds?: string[] | null | undefined;
  };
}

/** What the database holds of everything that the items name, read under the locks of their conversations. */
export interface BatchState {
  heads: ReadonlyMap<ConversationId, ConversationHead>;
  /** By `memberKey`: everybody named who is in the conversation now. */
  members: ReadonlyMap<string, Membership>;
  /** By `storedKey`. */
  stored: ReadonlyMap<string, StoredMessage>;
  /** Messages that the items answer or quote. */
  replyTargets: ReadonlyMap<MessageId, StoredMessage>;
}

export const storedKey = (senderId: UserId, clientMessageId: string) => `${clientMessageId} ${senderId}`;

export type Decision =
  | { outcome: "new"; message: StoredMessage; replyTo: StoredMessage | null; unheardBy: UserId | null }
  | { outcome: "duplicate"; message: StoredMessage; unheardBy: UserId | null }
  | { outcome: "refused"; error: ChatError };

export interface AnsweredRoot {
  root: StoredMessage;
  /** Who is not to hear that it was answered. */
  unheardBy: UserId | null;
}

export interface Plan {
  /** One for each item, in their order. */
  decisions: Decision[];
  messages: StoredMessage[];
  /** The heads as they will be, of the conversations that gain a message. */
  heads: ConversationHead[];
  /** Roots that were answered in their threads, as they will be: each of them is one change more. */
  roots: AnsweredRoot[];
  /** Members whom slow mode makes wait from now on. */
  slowed: { conversationId: ConversationId; userId: UserId }[];
}

/**
 * Decides about every item of a batch as if they came one by one: P2 (a key stands for one message for ever),
 * P3 (seq + 1), P4 (revision + 1), P9 (only members). A refused item takes no seq and leaves no trace. What
 * somebody who is blocked says is stored like any other message, and the other person neither hears nor sees it
 * (`unheardBy`): to its sender there is no difference.
 */
export function planBatch(items: SendItem[], state: BatchState, ids: bigint[], at: Date): Plan {
  const heads = new Map([...state.heads].map(([id, head]) => [id, { ...head }]));
  const stored = new Map(state.stored);
  const messages: StoredMessage[] = [];
  const answered = new Map<MessageId, AnsweredRoot>();
  const slowed = new Map<string, { conversationId: ConversationId; userId: UserId }>();

  const decide = (item: SendItem, index: number): Decision => {
    const { message: sent, senderId, conversationId } = item;
    const head = heads.get(conversationId);
    const place = memberKey(conversationId, senderId);
    const sender = state.members.get(place);
    if (!head || !(sender || item.authority === "service")) return refuse("not_found", "conversation");
    const unheardBy = sender?.blockedByPeer ? peerOf(head, senderId) : null;

    const key = storedKey(senderId, sent.clientMessageId);
    const earlier = stored.get(key);
    if (earlier) {
      return isSame(item, earlier)
        ? { outcome: "duplicate", message: earlier, unheardBy }
        : refuse("conflict", "client_message_id_used");
    }
    const hindrance = sender && hinder(head, sender, slowed.has(place) ? at : sender.lastSentAt, at);
    if (hindrance) return { outcome: "refused", error: hindrance };
    if (head.encrypted && sent.kind !== "sealed") return refuse("forbidden", "sealed_only");
    if (sent.attachmentIds?.length) return refuse("invalid", "attachment_unknown");
    const stranger = sent.mentions?.find((userId) => !state.members.has(memberKey(conversationId, userId)));
    if (stranger !== undefined) return refuse("invalid", "mention_not_member");
    const replyTo = sent.replyToId ? (state.replyTargets.get(sent.replyToId) ?? null) : null;
    if (sent.replyToId && !(replyTo && mayQuote(replyTo, conversationId, sender))) {
      return refuse("invalid", "reply_target");
    }
    const rootId = sent.threadRootId ?? replyTo?.threadRootId ?? null;
    const root = rootId === null ? null : (state.replyTargets.get(rootId) ?? null);
    if (rootId !== null && !(root && root.threadRootId === null && mayQuote(root, conversationId, sender))) {
      return refuse("invalid", "thread_root");
    }
    // A reply keeps to its thread: what it quotes is the root or another reply of it.
    if (root && replyTo && (replyTo.threadRootId ?? replyTo.id) !== root.id)
      return refuse("invalid", "reply_target");

    head.lastSeq += 1;
    head.revision += 1;
    const message: StoredMessage = {
      conversationId,
      seq: head.lastSeq,
      id: String(ids[index]),
      senderId,
      clientMessageId: sent.clientMessageId,
      kind: sent.kind,
      body: sent.body,
      metadata: sent.metadata ?? null,
      mentions: [...new Set(sent.mentions)],
      replyToId: replyTo?.id ?? null,
      threadRootId: root?.id ?? null,
      thread: null,
      schemaId: sent.schemaId ?? null,
      revision: head.revision,
      createdAt: at,
      editedAt: null,
      deletedAt: null,
      pinnedAt: null,
    };
    stored.set(key, message);
    messages.push(message);
    if (root)
      answered.set(root.id, { root: answer(answered.get(root.id)?.root ?? root, message), unheardBy });
    if (sender && isSlow(head, sender)) slowed.set(place, { conversationId, userId: senderId });
    return { outcome: "new", message, replyTo, unheardBy };
  };

  const decisions = items.map(decide);
  // After all replies, so that a root is one change however many there are.
  for (const { root } of answered.values()) {
    const head = heads.get(root.conversationId) as ConversationHead;
    head.revision += 1;
    root.revision = head.revision;
  }
  const touched = new Set(messages.map((message) => message.conversationId));
  return {
    decisions,
    messages,
    heads: [...heads.values()].filter((head) => touched.has(head.id)),
    roots: [...answered.values()],
    slowed: [...slowed.values()],
  };
}

/** A root with one reply more. */
const answer = (root: StoredMessage, reply: StoredMessage): StoredMessage => ({
  ...root,
  thread: {
    replyCount: (root.thread?.replyCount ?? 0) + 1,
    lastReplySeq: reply.seq,
    lastReplyAt: reply.createdAt,
  },
});

const placeIn = (conversation: ConversationHead, member: Membership) => ({ conversation, member });

const isSlow = (head: ConversationHead, member: Membership): boolean =>
  head.settings.slowModeSeconds > 0 && !may(placeIn(head, member), "message:send_at_once");

/** Why a member may not say anything here now. */
function hinder(
  head: ConversationHead,
  member: Membership,
  lastSentAt: Date | null,
  at: Date,
): ChatError | undefined {
  if (member.blocksPeer) return new ChatError("forbidden", { reason: "peer_blocked" });
  if (head.settings.announcement && !may(placeIn(head, member), "announcement:send")) {
    return new ChatError("forbidden", { reason: "announcement" });
  }
  if (!lastSentAt || !isSlow(head, member)) return undefined;
  const retryAfterMs = lastSentAt.getTime() + head.settings.slowModeSeconds * 1000 - at.getTime();
  return retryAfterMs > 0 ? new ChatError("rate_limited", { reason: "slow_mode", retryAfterMs }) : undefined;
}

const mayQuote = (
  target: StoredMessage,
  conversationId: ConversationId,
  sender: Membership | undefined,
): boolean =>
  target.conversationId === conversationId &&
  !target.deletedAt &&
  target.seq > (sender?.visibleAfterSeq ?? 0);

function refuse(code: "not_found" | "conflict" | "forbidden" | "invalid", reason: string): Decision {
  return { outcome: "refused", error: new ChatError(code, { reason }) };
}

/**
 * Whether a key is used again for the same message. What was edited or deleted since is no longer known as it was
 * sent, so there the parts that never change must do.
 */
function isSame({ conversationId, message: sent }: SendItem, earlier: StoredMessage): boolean {
  if (earlier.conversationId !== conversationId || earlier.kind !== sent.kind) return false;
  if (earlier.replyToId !== (sent.replyToId ?? null)) return false;
  if (sent.threadRootId && earlier.threadRootId !== sent.threadRootId) return false;
  if (earlier.schemaId !== (sent.schemaId ?? null)) return false;
  if (earlier.deletedAt) return true;
  return (
    (earlier.editedAt !== null || earlier.body === sent.body) &&
    isDeepStrictEqual(earlier.metadata, sent.metadata ?? null) &&
    isDeepStrictEqual(earlier.mentions, [...new Set(sent.mentions)])
  );
}
