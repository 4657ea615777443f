import { addToDigest, type Digest, emptyDigest } from "./digest.ts";
import type { MessageKey } from "./message-key.ts";

/** What one listener heard of one conversation. */
export interface Heard extends Digest {
  /** Index of the person. */
  listener: number;
  conversationId: string;
}

/** What this process saw, for the checker. Structured-clonable. */
export interface Testimony {
  /** By conversation, flat: seq, sender, number of every message that was acknowledged. */
  acked: Map<string, number[]>;
  /** By conversation, flat: sender, number of every message that was sent and not acknowledged. */
  open: Map<string, number[]>;
  heard: Heard[];
  /** What was wrong already when it came, the first few in words. */
  faults: string[];
  faultCount: number;
  /** Deliveries that came after a later one, where order is not promised. */
  disordered: number;
}

/** What a system says of its deliveries; the naive one promises no order, so its disorder is counted instead. */
export interface Promises {
  /** People hear their own messages, too: then every seq comes by, otherwise they only rise. */
  hearsOwn: boolean;
  keepsOrder: boolean;
}

const FAULTS_IN_WORDS = 20;

/** Keeps what was acknowledged, and in which order everybody heard what. */
export class Ledger {
  readonly #acked = new Map<string, number[]>();
  readonly #heard = new Map<number, Map<string, Heard>>();
  readonly #promises: Promises;
  readonly #faults: string[] = [];
  #faultCount = 0;
  #disordered = 0;

  constructor(promises: Promises) {
    this.#promises = promises;
  }

  ack(conversationId: string, seq: number, { sender, number }: MessageKey): void {
    const list = this.#acked.get(conversationId) ?? [];
    if (list.length === 0) this.#acked.set(conversationId, list);
    list.push(seq, sender, number);
  }

  hear(listener: number, conversationId: string, seq: number, key: MessageKey): void {
    const heard = this.#heardBy(listener, conversationId);
    const { hearsOwn, keepsOrder } = this.#promises;
    const inOrder = hearsOwn ? seq === heard.last + 1 : seq > heard.last;
    if (!inOrder && keepsOrder) {
      this.fault(`person ${listener} heard ${conversationId}/${seq} after ${heard.last}`);
    }
    if (!inOrder) this.#disordered += 1;
    addToDigest(heard, seq, key);
  }

  /** The last seq that somebody heard; 0 before the first. */
  lastHeard(listener: number, conversationId: string): number {
    return this.#heard.get(listener)?.get(conversationId)?.last ?? 0;
  }

  fault(words: string): void {
    this.#faultCount += 1;
    if (this.#faults.length < FAULTS_IN_WORDS) this.#faults.push(words);
  }

  testify(open: Map<string, number[]>): Testimony {
    return {
      acked: this.#acked,
      open,
      heard: [...this.#heard.values()].flatMap((byConversation) => [...byConversation.values()]),
      faults: this.#faults,
      faultCount: this.#faultCount,
      disordered: this.#disordered,
    };
  }

  #heardBy(listener: number, conversationId: string): Heard {
    let conversations = this.#heard.get(listener);
    if (!conversations) {
      conversations = new Map();
      this.#heard.set(listener, conversations);
    }
    let heard = conversations.get(conversationId);
    if (!heard) {
      heard = { listener, conversationId, ...emptyDigest() };
      conversations.set(conversationId, heard);
    }
    return heard;
  }
}
