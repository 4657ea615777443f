import { describe, expect, it } from "vitest";
import { differences } from "./convergence/compare.ts";
import type {
  ConversationFacts,
  HeldConversation,
  HeldThread,
  Holding,
  MessageFacts,
} from "./convergence/facts.ts";
import { seenBy, type Tables } from "./convergence/truth.ts";

const at = (seconds: number): string => `2030-01-01T00:00:0${seconds}.000Z`;
const member = (userId: string, readSeq: number) => ({
  conversationId: "1",
  userId,
  role: "member",
  joinedSeq: 0,
  deliveredSeq: 3,
  readSeq,
  mutedUntil: null,
  pinnedAt: null,
  archivedAt: null,
  unreadFromSeq: null,
});
const stored = (seq: number, senderId: string): Tables["messages"][number] => ({
  conversationId: "1",
  id: `10${seq}`,
  seq,
  revision: seq,
  senderId,
  clientMessageId: `key ${seq}`,
  kind: "text",
  body: `body ${seq}`,
  metadata: null,
  createdAt: at(seq),
  editedAt: null,
  deletedAt: null,
  pinnedAt: null,
  threadRootId: null,
  replyCount: null,
  lastReplySeq: null,
  lastReplyAt: null,
  mentions: null,
  replyToId: null,
});

/**
 * Ann's three messages to Bo, who has read one; the second answers the first, and he has reacted to it. Another one is
 * in a thread of the third. He has muted the room and typed something.
 */
function tables(): Tables {
  const conversation = { kind: "group", title: "room", avatarUrl: null, lastSeq: 4, activeAt: at(4) };
  return {
    conversations: [
      { ...conversation, conversationId: "1" },
      { ...conversation, conversationId: "2", lastSeq: 0 },
    ],
    members: [member("ann", 4), { ...member("bo", 1), mutedUntil: at(9) }],
    messages: [
      stored(1, "ann"),
      { ...stored(2, "ann"), replyToId: "101" },
      { ...stored(3, "ann"), mentions: '["bo"]', replyCount: 1, lastReplySeq: 4, lastReplyAt: at(4) },
      { ...stored(4, "ann"), threadRootId: "103" },
    ],
    reactions: [{ messageId: "102", emoji: "👍", userId: "bo" }],
    hidden: [],
    drafts: [{ conversationId: "1", userId: "bo", threadRootId: "0", body: "dear Ann" }],
    threads: [{ conversationId: "1", userId: "bo", rootId: "103", following: 1, readSeq: 0 }],
  };
}

function holdingOf(truth: readonly ConversationFacts[]): Holding {
  const conversations = structuredClone(truth).map(
    ({ unreadCount, mentionCount, lastMessage, threads, ...conversation }) => ({
      ...conversation,
      threads: [...threads].map(([rootId, state]) => ({
        ...state,
        rootId,
        root: structuredClone(conversation.messages.find(({ id }) => id === rootId) ?? null),
        replies: structuredClone(conversation.messages.filter((one) => one.threadRootId === rootId)),
        hasOlder: false,
      })),
      counts: { unreadCount, mentionCount, lastMessage },
      hasMarks: true,
      window: { fromStart: true, toEnd: true },
    }),
  );
  return { name: "bo's phone", conversations };
}

const thread = (held: HeldConversation) => held.threads?.[0] as HeldThread;
const message = (held: HeldConversation, seq: number) => held.messages[seq - 1] as MessageFacts;
const broken: [string, RegExp, (held: HeldConversation) => void][] = [
  ["lacks the last message", /seqs: held "1-3", real "1-4"/, (held) => held.messages.pop()],
  ["lacks one in between", /seqs: held "1 3-4"/, (held) => held.messages.splice(1, 1)],
  ["shows another order", /seqs/, (held) => held.messages.reverse()],
  ["shows one twice", /seqs/, (held) => held.messages.push(message(held, 4))],
  [
    "shows an old text",
    /message 2: held {"body"/,
    (held) => Object.assign(message(held, 2), { body: "old" }),
  ],
  ["has an old revision", /revision/, (held) => Object.assign(message(held, 2), { revision: 1 })],
  ["shows what was deleted", /deletedAt/, (held) => Object.assign(message(held, 1), { deletedAt: at(9) })],
  ["shows a pin", /pinnedAt/, (held) => Object.assign(message(held, 1), { pinnedAt: at(9) })],
  ["lacks a reaction", /reactions/, (held) => message(held, 2).reactions.pop()],
  ["quotes an old text", /replyTo/, (held) => Object.assign(message(held, 2).replyTo ?? {}, { body: "old" })],
  ["counts wrongly", /unreadCount/, (held) => Object.assign(held.counts ?? {}, { unreadCount: 3 })],
  ["misses a mention", /mentionCount/, (held) => Object.assign(held.counts ?? {}, { mentionCount: 0 })],
  [
    "has another last message",
    /lastMessage/,
    (held) => Object.assign(held.counts ?? {}, { lastMessage: null }),
  ],
  ["has an old mute", /own/, (held) => Object.assign(held.own?.settings ?? {}, { mutedUntil: null })],
  ["lacks a draft", /own/, (held) => Object.assign(held.own ?? {}, { drafts: {} })],
  ["lacks a reply in a thread", /thread 103: seqs/, (held) => thread(held).replies.pop()],
  [
    "shows an old root",
    /thread 103: root/,
    (held) => Object.assign(thread(held).root ?? {}, { thread: null }),
  ],
  [
    "counts wrongly in a thread",
    /thread 103: state/,
    (held) => Object.assign(thread(held), { unreadCount: 2 }),
  ],
  ["shows an old count of replies", /message 3/, (held) => Object.assign(message(held, 3), { thread: null })],
  ["has an old title", /title/, (held) => Object.assign(held, { title: "old" })],
  ["knows a former member", /members/, (held) => held.members.push({ ...member("cy", 0) })],
  ["has an old watermark", /members/, (held) => Object.assign(held.members[0] ?? {}, { readSeq: 2 })],
  ["has an old role", /members/, (held) => Object.assign(held.members[0] ?? {}, { role: "admin" })],
];

describe("differences", () => {
  const truth = seenBy("bo", tables());

  it("are none where everything is as it is", () => {
    expect(differences(holdingOf(truth), truth)).toEqual([]);
    expect(truth).toMatchObject([{ id: "1", unreadCount: 2, mentionCount: 1, lastMessage: "104 at 4" }]);
  });

  it.each(broken)("are found when a device %s", (_what, expected, breakIt) => {
    const holding = holdingOf(truth);
    breakIt(holding.conversations[0] as HeldConversation);
    const found = differences(holding, truth);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(expected);
  });

  it("are found where a conversation is missing, or is no longer theirs", () => {
    expect(differences({ name: "bo's phone", conversations: [] }, truth)).toHaveLength(1);
    expect(differences(holdingOf(truth), [])).toHaveLength(1);
  });

  it("are none beyond the window that is held", () => {
    const holding = holdingOf(truth);
    const [held] = holding.conversations as [HeldConversation];
    held.messages = held.messages.slice(1, 2);
    held.window = { fromStart: false, toEnd: false };
    expect(differences(holding, truth)).toEqual([]);
    held.window = { fromStart: false, toEnd: true };
    expect(differences(holding, truth)).toHaveLength(1);
  });
});

it("sees of the tables what a person may see", () => {
  const rows = tables();
  rows.hidden.push(
    { conversationId: "1", userId: "bo", seq: 3 },
    { conversationId: "1", userId: "bo", seq: 4 },
  );
  Object.assign(rows.messages[0] ?? {}, { deletedAt: at(5), body: null });
  expect(seenBy("bo", rows)).toMatchObject([
    {
      unreadCount: 1,
      mentionCount: 0,
      lastMessage: null,
      messages: [{ seq: 1 }, { seq: 2, replyTo: { body: null }, reactions: [{ count: 1, mine: true }] }],
    },
  ]);
  expect(seenBy("ann", rows)[0]?.messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  expect(seenBy("cy", rows)).toEqual([]);
});
