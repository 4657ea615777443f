/**
 * P4, P5, P6: what somebody holds against what is so. None of the product's code; convergence-checker.test.ts breaks
 * every part on purpose.
 */
import { isDeepStrictEqual } from "node:util";
import type {
  ConversationFacts,
  HeldConversation,
  HeldThread,
  Holding,
  MemberFacts,
  MessageFacts,
} from "./facts.ts";

/** Every difference, in words. `truth`: the person's conversations, newest activity first. */
export function differences(holding: Holding, truth: readonly ConversationFacts[]): string[] {
  const held = holding.conversations.map(({ id }) => id);
  const wanted = truth.map(({ id }) => id);
  const byId = new Map(truth.map((conversation) => [conversation.id, conversation]));
  const found = [
    ...differ("conversations", held, wanted),
    ...holding.conversations.flatMap((conversation) => {
      const real = byId.get(conversation.id);
      return real ? ofConversation(conversation, real) : [];
    }),
  ];
  return found.map((difference) => `${holding.name}: ${difference}`);
}

function ofConversation(held: HeldConversation, real: ConversationFacts): string[] {
  const { kind, title, avatarUrl, counts, hasMarks, own = {}, threads = [] } = held;
  const members = hasMarks ? whole : withoutMarks;
  const found = [
    ...differ("details", { kind, title, avatarUrl }, pick(real, ["kind", "title", "avatarUrl"])),
    ...differ("members", held.members.map(members), real.members.map(members)),
    ...(counts ? differ("counts", counts, pick(real, ["unreadCount", "mentionCount", "lastMessage"])) : []),
    ...differ("own", own, pick(real.own, Object.keys(own) as (keyof typeof own)[])),
    ...ofMessages(held, real.messages),
    ...threads.flatMap((thread) => ofThread(thread, real)),
  ];
  return found.map((difference) => `conversation ${real.id}: ${difference}`);
}

function ofMessages(
  { window, messages }: Pick<HeldConversation, "window" | "messages">,
  real: readonly MessageFacts[],
): string[] {
  if (window === null) return [];
  const from = window.fromStart ? 0 : (messages[0]?.seq ?? Number.POSITIVE_INFINITY);
  const to = window.toEnd ? Number.POSITIVE_INFINITY : (messages.at(-1)?.seq ?? 0);
  const wanted = real.filter(({ seq }) => seq >= from && seq <= to);
  const seqs = differ("seqs", gaps(messages), gaps(wanted));
  const bySeq = new Map(wanted.map((message) => [message.seq, message]));
  const changed = messages.flatMap((message) => {
    const other = bySeq.get(message.seq);
    return other ? differ(`message ${message.seq}`, message, other) : [];
  });
  return [...seqs, ...changed];
}

/** Nobody is asked what they show of a thread whose root is not theirs to see. */
function ofThread(held: HeldThread, real: ConversationFacts): string[] {
  const root = real.messages.find(({ id }) => id === held.rootId);
  if (root === undefined) return [];
  const { following, readSeq, unreadCount } = held;
  const state = real.threads.get(held.rootId) ?? { following: false, readSeq: 0, unreadCount: 0 };
  const replies = real.messages.filter(({ threadRootId }) => threadRootId === held.rootId);
  const window = { fromStart: !held.hasOlder, toEnd: true };
  const found = [
    ...differ("state", { following, readSeq, unreadCount }, state),
    ...differ("root", held.root, root),
    ...ofMessages({ window, messages: held.replies }, replies),
  ];
  return found.map((difference) => `thread ${held.rootId}: ${difference}`);
}

/** Seqs as ranges, in the order in which they are held: what a person can read in a failure. */
function gaps(messages: readonly MessageFacts[]): string {
  const ranges: [number, number][] = [];
  for (const { seq } of messages) {
    const last = ranges.at(-1);
    if (last && last[1] === seq - 1) last[1] = seq;
    else ranges.push([seq, seq]);
  }
  return ranges.map(([from, to]) => (from === to ? from : `${from}-${to}`)).join(" ");
}

const whole = (member: MemberFacts): Partial<MemberFacts> => member;
const withoutMarks = ({ userId, role, joinedSeq }: MemberFacts): Partial<MemberFacts> => ({
  userId,
  role,
  joinedSeq,
});

function pick<T extends object, K extends keyof T>(value: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.map((key) => [key, value[key]])) as Pick<T, K>;
}

function differ(what: string, held: unknown, real: unknown): string[] {
  if (isDeepStrictEqual(held, real)) return [];
  return [`${what}: held ${unlike(held, real)}, real ${unlike(real, held)}`];
}

/** Only what differs, where both are objects of a kind. */
function unlike(one: unknown, other: unknown): string {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null)
    return show(one);
  const names = Object.keys({ ...one, ...other }) as never[];
  const parts = names.filter((name) => !isDeepStrictEqual(one[name], other[name]));
  return show(Object.fromEntries(parts.map((name) => [name, one[name]])));
}

const show = (value: unknown): string => {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
};
