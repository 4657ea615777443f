import type { HistoryPage, Message } from "@confab/contract";

/**
 * The loaded part of a conversation's log. `messages` holds everything of `fromSeq`–`toSeq` that this person may
 * see, in seq order (P5); what is not contiguous with it yet waits in `ahead`.
 */
export interface Timeline {
  messages: Message[];
  fromSeq: number;
  toSeq: number;
  hasOlder: boolean;
  loaded: boolean;
  /** Pages on their way: changes that arrive meanwhile are kept aside, for the page may be older than they are. */
  loads: number;
  ahead: Map<number, Message>;
}

/** Enough for what arrives during a page load; a larger jump is read from history. */
const AHEAD_MAX = 500;

export const createTimeline = (): Timeline => ({
  messages: [],
  fromSeq: 0,
  toSeq: 0,
  hasOlder: false,
  loaded: false,
  loads: 0,
  ahead: new Map(),
});

/** Whether changes must be fetched one by one for it, rather than the newest state alone. */
export const isTracked = (timeline: Timeline): boolean => timeline.loaded || timeline.loads > 0;

export const newer = (held: Message | undefined, message: Message): boolean =>
  held === undefined || message.revision >= held.revision;

/** Takes in one message in its present state; older states than the held one change nothing. */
export function ingest(timeline: Timeline, message: Message): void {
  const { seq } = message;
  const inWindow = timeline.loaded && seq >= timeline.fromSeq && seq <= timeline.toSeq;
  if (inWindow) replace(timeline, message);
  if (!inWindow || timeline.loads > 0) keepAhead(timeline, message);
  absorb(timeline);
}

function keepAhead(timeline: Timeline, message: Message): void {
  if (!isTracked(timeline) || (timeline.loads === 0 && message.seq <= timeline.toSeq)) return;
  if (newer(timeline.ahead.get(message.seq), message)) timeline.ahead.set(message.seq, message);
  if (timeline.ahead.size > AHEAD_MAX) timeline.ahead.delete(timeline.ahead.keys().next().value as number);
}

function replace(timeline: Timeline, message: Message): void {
  const index = indexOf(timeline.messages, message.seq);
  const held = timeline.messages[index];
  // What history left out (hidden from oneself) stays out.
  if (held?.seq === message.seq && newer(held, message)) timeline.messages[index] = message;
}

/** A quote says what the quoted message says now, or that it is gone: a change of it raises no revision of the reply. */
export const withQuote = (message: Message, quoted: Message): Message => {
  const { replyTo } = message;
  const body = quoted.deletedAt === null ? quoted.body : null;
  return replyTo?.id !== quoted.id || replyTo.body === body
    ? message
    : { ...message, replyTo: { ...replyTo, body } };
};

/** Puts a changed message into every quote of it. */
export function requote(timeline: Timeline, message: Message): void {
  const quoted = findBySeq(timeline, message.seq) ?? message;
  timeline.messages = timeline.messages.map((one) => withQuote(one, quoted));
  for (const [seq, one] of timeline.ahead) timeline.ahead.set(seq, withQuote(one, quoted));
}

/** Moves on what has become contiguous. */
function absorb(timeline: Timeline): void {
  if (!timeline.loaded) return;
  for (;;) {
    const next = timeline.ahead.get(timeline.toSeq + 1);
    if (next === undefined) break;
    timeline.messages.push(next);
    timeline.toSeq = next.seq;
    if (timeline.loads === 0) timeline.ahead.delete(next.seq);
  }
}

/** `around` and `latest` begin the window anew, the others lengthen it. */
export type Place = "latest" | "around" | "older" | "newer";

/** A history page arrived. `lastSeq`: the head that was known when it was asked for. */
export function placePage(timeline: Timeline, place: Place, page: HistoryPage, lastSeq: number): void {
  const first = page.items[0]?.seq;
  const last = page.items.at(-1)?.seq;
  // The latest page reaches the head, even if what is there is hidden from this person.
  const top = page.hasNewer && place !== "latest" ? (last ?? 0) : Math.max(last ?? 0, lastSeq);
  if (place === "older") {
    timeline.messages = [...page.items, ...timeline.messages];
    timeline.fromSeq = page.hasOlder ? (first ?? timeline.fromSeq) : 1;
    timeline.hasOlder = page.hasOlder;
  } else if (place === "newer") {
    timeline.messages.push(...page.items.filter((message) => message.seq > timeline.toSeq));
    timeline.toSeq = Math.max(timeline.toSeq, top);
  } else {
    timeline.messages = [...page.items];
    timeline.fromSeq = page.hasOlder ? (first ?? top + 1) : 1;
    timeline.toSeq = top;
    timeline.hasOlder = page.hasOlder;
    timeline.loaded = true;
  }
  for (const message of timeline.ahead.values()) replace(timeline, message);
  for (const message of [...timeline.ahead.values()]) requote(timeline, message);
  absorb(timeline);
}

/** No page is on its way any more: what was kept aside for it may go. */
export function endLoad(timeline: Timeline): void {
  timeline.loads -= 1;
  prune(timeline);
}

function prune(timeline: Timeline): void {
  if (timeline.loads > 0) return;
  for (const seq of timeline.ahead.keys()) {
    if (!timeline.loaded || seq <= timeline.toSeq) timeline.ahead.delete(seq);
  }
}

/** Everything up to `lastSeq` has been taken in, so what is missing below it is hidden from this person. */
export function coverTo(timeline: Timeline, lastSeq: number): void {
  for (let seq = timeline.toSeq + 1; seq <= lastSeq; seq++) {
    const message = timeline.ahead.get(seq);
    if (message !== undefined) timeline.messages.push(message);
  }
  timeline.toSeq = Math.max(timeline.toSeq, lastSeq);
  absorb(timeline);
  prune(timeline);
}

/** What is kept of a conversation that is no longer on screen: its end, so that coming back is instant. */
const KEPT_MAX = 200;

/** Nobody looks any more. False: it does not reach the head, so it is better loaded afresh. */
export function settleDown(timeline: Timeline, lastSeq: number): boolean {
  if (!timeline.loaded || timeline.loads > 0) return true;
  if (timeline.toSeq < lastSeq) return false;
  if (timeline.messages.length <= KEPT_MAX) return true;
  timeline.messages = timeline.messages.slice(-KEPT_MAX);
  timeline.fromSeq = timeline.messages[0]?.seq ?? timeline.fromSeq;
  timeline.hasOlder = true;
  return true;
}

export function findBySeq(timeline: Timeline, seq: number): Message | undefined {
  const message = timeline.messages[indexOf(timeline.messages, seq)];
  return message?.seq === seq ? message : undefined;
}

/** Index of the first message at or after `seq`. */
function indexOf(messages: readonly Message[], seq: number): number {
  let low = 0;
  let high = messages.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle] as Message).seq < seq) low = middle + 1;
    else high = middle;
  }
  return low;
}
