/** What translating needs to know beyond an event, asked of the message service and remembered for a while. */
import type { ConversationId, Message, UserId, Watermarks } from "@confab/contract";
import { LOOKUP_RPC, MESSAGE_RPC, type MessageFact } from "@confab/contract/internal";
import type { RpcClient } from "@confab/runtime";
import { LRUCache } from "lru-cache";

const NAMES_MS = 60_000;
/** Of a longer absence that is read at once, the latest are told one by one. */
const MAX_COVERED = 500;

export interface Peers {
  kind: "direct" | "group";
  /** Of somebody in a direct conversation: the other one. */
  peerId: UserId | null;
}

export class Lookups {
  readonly #message: RpcClient;
  readonly #names = new LRUCache<UserId, Promise<string>>({ max: 10_000, ttl: NAMES_MS });
  readonly #peers = new LRUCache<string, Promise<Peers>>({ max: 20_000, ttl: NAMES_MS });
  readonly #refs = new LRUCache<string, MessageFact>({ max: 20_000 });
  readonly #read = new LRUCache<ConversationId, Map<UserId, number>>({ max: 5000 });

  constructor(message: RpcClient) {
    this.#message = message;
  }

  /** Messages that pass by need not be asked for when they are delivered and read. */
  note({ id, conversationId, seq, senderId }: Message): void {
    this.#refs.set(keyOf(conversationId, seq), { id, conversationId, seq, senderId });
  }

  noteRead({ conversationId, userId, readSeq }: Watermarks): void {
    const readers = this.#read.get(conversationId) ?? new Map<UserId, number>();
    this.#read.set(conversationId, readers.set(userId, readSeq));
  }

  /** Whether anybody but its sender has read a message, as far as was heard here. */
  wasRead({ conversationId, senderId, seq }: MessageFact): boolean {
    const readers = this.#read.get(conversationId) ?? [];
    return [...readers].some(([userId, readSeq]) => userId !== senderId && readSeq >= seq);
  }

  name(userId: UserId): Promise<string> {
    return remember(this.#names, userId, async () => {
      const { names } = await this.#message.call(LOOKUP_RPC.getNames, { userIds: [userId] });
      return names[userId] ?? userId;
    });
  }

  /** Who is not in the conversation has no peer in it. */
  peers(conversationId: ConversationId, userId: UserId): Promise<Peers> {
    return remember(this.#peers, `${conversationId} ${userId}`, () =>
      this.#message.call(MESSAGE_RPC.getAccess, { conversationId, userId }),
    ).catch(() => ({ kind: "group" as const, peerId: null }));
  }

  /** Messages after one position up to another, except those that `userId` wrote. */
  async covered(
    conversationId: ConversationId,
    { userId, afterSeq, toSeq }: { userId: UserId; afterSeq: number; toSeq: number },
  ): Promise<MessageFact[]> {
    const from = Math.max(afterSeq, toSeq - MAX_COVERED);
    const seqs = Array.from({ length: Math.max(0, toSeq - from) }, (_, index) => from + 1 + index);
    const known = seqs.map((seq) => this.#refs.get(keyOf(conversationId, seq)));
    const refs = known.every((ref) => ref !== undefined)
      ? known
      : await this.#ask({ conversationId, afterSeq: from, toSeq });
    return refs.filter(({ senderId }) => senderId !== userId);
  }

  async #ask(range: { conversationId: ConversationId; afterSeq: number; toSeq: number }) {
    const { messages } = await this.#message.call(LOOKUP_RPC.listRefs, { ...range, limit: MAX_COVERED });
    for (const ref of messages) this.#refs.set(keyOf(ref.conversationId, ref.seq), ref);
    return messages;
  }
}

const keyOf = (conversationId: ConversationId, seq: number): string => `${conversationId} ${seq}`;

/** Promises, so that many who ask at once are one question; what failed is asked again. */
function remember<T>(cache: LRUCache<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const known = cache.get(key);
  if (known) return known;
  const asked = ask();
  cache.set(key, asked);
  asked.catch(() => cache.delete(key));
  return asked;
}
