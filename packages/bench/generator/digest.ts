import type { MessageKey } from "./message-key.ts";

/** What one listener heard of one conversation, in constant space. */
export interface Digest {
  /** Seq of the last message. */
  last: number;
  count: number;
  /** The same for the same messages in the same order. */
  hash: number;
  /** The same for the same messages in whatever order. */
  sum: number;
}

export const emptyDigest = (): Digest => ({ last: 0, count: 0, hash: 0, sum: 0 });

export function addToDigest(digest: Digest, seq: number, { sender, number }: MessageKey): void {
  digest.last = seq;
  digest.count += 1;
  let mixed = Math.imul(seq ^ (seq >>> 15) ^ sender, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ number, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  digest.sum = (digest.sum + mixed) | 0;
  digest.hash = (Math.imul(digest.hash, 31) + mixed) | 0;
}
