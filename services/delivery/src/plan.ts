/** P8: what is to be done about what somebody is owed. Pure; the effect is guarded by the watermarks it names. */
import type { ConversationId, PresenceStatus } from "@confab/contract";

/** A member's watermarks behind the head of a conversation: `deliveredSeq` and `notifiedSeq` < `lastSeq`. */
export interface Owed {
  conversationId: ConversationId;
  lastSeq: number;
  deliveredSeq: number;
  notifiedSeq: number;
  /** What came before the person joined is not news to them. */
  joinedSeq: number;
  mutedUntil: Date | null;
  /** The person's own wish, the same in all conversations: until then nothing is notified, nor made up for later. */
  dndUntil: Date | null;
  /** Whether anything between the watermarks and the head is somebody else's, and still there. */
  hasNews: boolean;
}

/**
 * - notify: move the watermark and write a notification
 * - pass: move the watermark and say nothing
 * - wait: leave it, so that the reconciler asks again
 */
export type Action = { kind: "notify" | "pass" | "wait"; owed: Owed };

export function plan(owed: readonly Owed[], input: { status: PresenceStatus; now: Date }): Action[] {
  return owed.map((entry) => ({ kind: decide(entry, input), owed: entry }));
}

function decide(owed: Owed, { status, now }: { status: PresenceStatus; now: Date }): Action["kind"] {
  if (!owed.hasNews) return "pass";
  if ([owed.mutedUntil, owed.dndUntil].some((until) => until && until > now)) return "pass";
  // A device in use receives it, or has lost it and will sync; either moves `deliveredSeq`.
  return status === "online" ? "wait" : "notify";
}

/** First message that the notification tells of. */
export const firstOwedSeq = ({ deliveredSeq, notifiedSeq, joinedSeq }: Owed): number =>
  Math.max(deliveredSeq, notifiedSeq, joinedSeq) + 1;
