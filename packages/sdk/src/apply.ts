import type {
  Conversation,
  ConversationSummary,
  Member,
  Message,
  PersonalState,
  Watermarks,
} from "@confab/contract";
import { LIMITS } from "@confab/contract";
import { type ConversationState, isHidden, type Store, touchDetails, touchItem } from "./store.ts";
import { findBySeq, ingest, isTracked, newer, requote, withQuote } from "./timeline.ts";

/** Facts → store. Every function here may be given the same fact again, or an older one, and then changes nothing. */

/**
 * Whether it raises the unread count: others' messages, but not what Confab itself writes, nor what is deleted, for
 * everyone or for oneself, nor replies in threads, which are counted there.
 */
const counts = (store: Store, state: ConversationState, message: Message): boolean =>
  message.senderId !== store.myId &&
  message.kind !== "system" &&
  message.threadRootId === null &&
  message.deletedAt === null &&
  !isHidden(state, message);

/**
 * Whether it may count otherwise than before: it is deleted, or names the person where it did not, or no longer. What it
 * said before is not to be had from the log, which a page may have brought up to date already.
 */
const changesCounts = (store: Store, state: ConversationState, message: Message): boolean =>
  message.deletedAt !== null ||
  (message.editedAt !== null && (state.mentionCount > 0 || message.mentions.includes(store.myId ?? "")));

/** What is after it counts as unread: the watermark, or where the person marked it unread; never what was before them. */
const seenSeq = ({ readSeq, personal, joinedSeq }: ConversationState): number =>
  Math.max(joinedSeq, Math.min(readSeq, (personal?.unreadFromSeq ?? Number.POSITIVE_INFINITY) - 1));

/** What the person has of their own here; an older state than the held one changes nothing. */
export function applyPersonal(store: Store, state: ConversationState, personal: PersonalState): void {
  const held = state.personal;
  if (held !== null && personal.revision <= held.revision) return;
  state.personal = personal;
  if (personal.unreadFromSeq !== (held?.unreadFromSeq ?? null)) {
    state.unreadHeld = personal.unreadFromSeq !== null && state.openCount > 0;
    recount(store, state);
  }
  touchItem(store, state);
}

/** The person reads on from where they had marked it unread; the server's word of it follows. */
export function endUnread(store: Store, state: ConversationState, readSeq: number): void {
  const { personal } = state;
  if (personal === null || personal.unreadFromSeq === null || readSeq < personal.unreadFromSeq) return;
  state.personal = { ...personal, unreadFromSeq: null };
  recount(store, state);
}

/**
 * One message in its present state, as this person sees it; the caller vouches that nothing before it is missing.
 * Returns whether it is new.
 */
export function applyMessage(store: Store, state: ConversationState, message: Message): boolean {
  const isNew = message.seq > state.lastSeq;
  const mayCountOtherwise = !isNew && message.seq > seenSeq(state) && changesCounts(store, state, message);
  ingest(state.timeline, message);
  if (isNew) {
    state.lastSeq = message.seq;
    state.lastMessage = message;
    // Another device may have read it before this one heard of it.
    if (counts(store, state, message) && message.seq > seenSeq(state)) {
      const cap = LIMITS.unreadCap;
      state.unreadCount = Math.min(cap, state.unreadCount + 1);
      if (message.mentions.includes(store.myId ?? "")) {
        state.mentionCount = Math.min(cap, state.mentionCount + 1);
      }
    }
    const typing = state.typing.getSnapshot();
    if (typing.includes(message.senderId)) {
      state.typing.set(typing.filter((userId) => userId !== message.senderId));
    }
  } else if (state.lastMessage?.id === message.id && message.revision >= state.lastMessage.revision) {
    state.lastMessage = message;
  }
  // An answer that was overtaken has nothing to say of quotes.
  if (!isNew && message.revision >= (state.known ?? 0)) {
    requote(state.timeline, message);
    state.lastMessage &&= withQuote(state.lastMessage, message);
  }
  if (mayCountOtherwise) recount(store, state);
  state.landing = state.landing.map((one) => (one.id === message.id && newer(one, message) ? message : one));
  state.messagesView.invalidate();
  touchItem(store, state);
  return isNew;
}

/** A broadcast cannot say what is one's own, and names 20 people at most: beyond that, what was known holds. */
export function withOwnReactions(store: Store, state: ConversationState, message: Message): Message {
  if (message.reactions.length === 0) return message;
  const held = findBySeq(state.timeline, message.seq);
  return {
    ...message,
    reactions: message.reactions.map((reaction) => ({
      ...reaction,
      mine:
        reaction.mine ||
        reaction.userIds.includes(store.myId ?? "") ||
        (reaction.count > reaction.userIds.length &&
          held?.reactions.some((old) => old.emoji === reaction.emoji && old.mine) === true),
    })),
  };
}

/** The person deleted it for themself, loaded here or not. Whether that is news. */
export function hideMessage(store: Store, state: ConversationState, message: Pick<Message, "seq">): boolean {
  if (isHidden(state, message)) return false;
  state.hidden.add(message.seq);
  store.news += 1;
  state.hiddenAt = store.news;
  if (message.seq > seenSeq(state)) recount(store, state);
  touchDetails(store, state);
  return true;
}

/** Title, members and their watermarks; says nothing of messages. */
export function applyDetails(store: Store, state: ConversationState, conversation: Conversation): void {
  const { details } = state;
  if (details !== null && conversation.revision < details.revision) return;
  const held = new Map(details?.members.map((member) => [member.userId, member]));
  const fresh = conversation.members.map((member) => forward(member, held.get(member.userId)));
  // A list shows a few members of a large group: no reason to forget the others.
  const isCut = details?.revision === conversation.revision && fresh.length < details.members.length;
  const members = isCut ? mergeMembers(details.members, fresh) : fresh;
  state.details = { ...conversation, members };
  const own = members.find((member) => member.userId === store.myId);
  if (own !== undefined) {
    state.joinedSeq = own.joinedSeq;
    applyOwnMarks(store, state, own);
  }
  state.reach = reachOf(store, state.details);
  touchDetails(store, state);
}

function mergeMembers(all: readonly Member[], some: readonly Member[]): Member[] {
  const fresh = new Map(some.map((member) => [member.userId, member]));
  return all.map((member) => fresh.get(member.userId) ?? member);
}

/** Watermarks only move forward (P6), also when answers overtake each other. */
const forward = (member: Member, held: Member | undefined): Member =>
  held === undefined
    ? member
    : {
        ...member,
        deliveredSeq: Math.max(member.deliveredSeq, held.deliveredSeq),
        readSeq: Math.max(member.readSeq, held.readSeq),
      };

/**
 * How far a message of one's own has come: the other person in a direct conversation, everybody else in a group
 * (people only, unless there are none). Nothing is claimed for a group larger than its list of members.
 */
function reachOf(store: Store, details: Conversation): ConversationState["reach"] {
  const others = details.members.filter((member) => member.userId !== store.myId);
  const people = others.filter((member) => member.user.kind === "human");
  const audience = people.length > 0 ? people : others;
  if (audience.length === 0 || details.memberCount > details.members.length) {
    return { deliveredSeq: 0, readSeq: 0 };
  }
  // Somebody who joined later owes nothing for what was said before.
  const least = (mark: (member: Member) => number): number =>
    Math.min(...audience.map((member) => Math.max(mark(member), member.joinedSeq)));
  return { deliveredSeq: least((member) => member.deliveredSeq), readSeq: least((member) => member.readSeq) };
}

/** A list item or a fetched conversation, for one whose timeline is not tracked. `asOf`: `news` when it was asked for. */
export function applySummary(
  store: Store,
  state: ConversationState,
  summary: ConversationSummary,
  asOf: number,
): void {
  const { lastMessage, unreadCount, mentionCount, personal, ...conversation } = summary;
  // Asked for before the person was put out: whether they are in again, the next answer says.
  if (state.forgottenAt > asOf) {
    state.stale = true;
    return;
  }
  // An answer that was overtaken by events.
  if (state.known !== null && summary.revision < state.known) return;
  applyDetails(store, state, conversation);
  applyPersonal(store, state, personal);
  if (isTracked(state.timeline) && state.known !== null && summary.revision > state.known) {
    state.target = Math.max(state.target, summary.revision);
    return;
  }
  const isFirst = state.known === null;
  state.known = summary.revision;
  if (isFirst) for (const thread of state.threads) thread.reload();
  state.target = Math.max(state.target, summary.revision);
  // A sync brings messages that are newer than its revision: of those, this knows nothing.
  const isBehind = summary.lastSeq < state.lastSeq;
  if (!isBehind) state.lastMessage = lastMessage;
  state.lastSeq = Math.max(state.lastSeq, summary.lastSeq);
  state.stale = false;
  const own = conversation.members.find((member) => member.userId === store.myId);
  state.unreadCount = unreadCount;
  state.mentionCount = mentionCount;
  // Counted before what was read or hidden here, or on another device, had reached the server.
  const isOld =
    isBehind ||
    state.hiddenAt > asOf ||
    (own?.readSeq ?? state.readSeq) < state.readSeq ||
    personal.unreadFromSeq !== (state.personal?.unreadFromSeq ?? null);
  if (isOld) recount(store, state);
  touchDetails(store, state);
}

/** A member's watermarks; one's own (from another device) lower the unread count. */
export function applyWatermarks(store: Store, state: ConversationState, marks: Watermarks): void {
  if (marks.userId === store.myId) applyOwnMarks(store, state, marks);
  const { details } = state;
  const member = details?.members.find(({ userId }) => userId === marks.userId);
  if (details === null || member === undefined) return;
  const moved = forward(member, { ...member, ...marks });
  if (moved.readSeq === member.readSeq && moved.deliveredSeq === member.deliveredSeq) return;
  state.details = { ...details, members: details.members.map((one) => (one === member ? moved : one)) };
  state.reach = reachOf(store, state.details);
  touchDetails(store, state);
}

export function applyOwnMarks(
  store: Store,
  state: ConversationState,
  marks: { deliveredSeq: number; readSeq: number },
): void {
  state.deliveredSeq = Math.max(state.deliveredSeq, marks.deliveredSeq, marks.readSeq);
  if (marks.readSeq <= state.readSeq) return;
  state.readSeq = marks.readSeq;
  recount(store, state);
}

/** Unread after the watermark moved: counted where the log is loaded, else asked for again. */
function recount(store: Store, state: ConversationState): void {
  const { timeline } = state;
  const readSeq = seenSeq(state);
  if (readSeq >= state.lastSeq) {
    state.unreadCount = 0;
    state.mentionCount = 0;
  } else if (timeline.loaded && timeline.fromSeq <= readSeq + 1 && timeline.toSeq >= state.lastSeq) {
    // A page may reach further than what is known: what lies there is counted when it is told of.
    const unread = timeline.messages.filter(
      (message) => message.seq > readSeq && message.seq <= state.lastSeq && counts(store, state, message),
    );
    const mentions = unread.filter((message) => message.mentions.includes(store.myId ?? ""));
    state.unreadCount = Math.min(LIMITS.unreadCap, unread.length);
    state.mentionCount = Math.min(LIMITS.unreadCap, mentions.length);
  } else state.stale = state.known !== null;
  touchItem(store, state);
}

/** The first message that was unread when the conversation was opened. */
export function firstUnreadSeq(store: Store, state: ConversationState): number | null {
  if (state.unreadCount === 0) return null;
  if (state.timeline.fromSeq > seenSeq(state) + 1) return seenSeq(state) + 1;
  const first = state.timeline.messages.find(
    (message) => message.seq > seenSeq(state) && counts(store, state, message),
  );
  return first?.seq ?? null;
}
