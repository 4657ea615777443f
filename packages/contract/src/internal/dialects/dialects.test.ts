import { describe, expect, it } from "vitest";
import { ChatError } from "../../chat-error.ts";
import type { Message } from "../../entities.ts";
import type { Facts } from "./dialect.ts";
import { DIALECTS, inferDialect } from "./index.ts";
import { AnyTime, numeric, plainText } from "./shared.ts";

const tableOf = (name: string) => {
  const table = DIALECTS.find((dialect) => dialect.name === name);
  if (!table) throw new Error(name);
  return table;
};
const message: Message = {
  id: "901",
  conversationId: "77",
  seq: 3,
  revision: 4,
  senderId: "1001",
  kind: "text",
  body: "hello",
  metadata: null,
  clientMessageId: "6a3f2a4e-0b0c-4d3e-8a55-0d7f3c9a2b11",
  createdAt: "2026-01-02T03:04:05.678Z",
  editedAt: null,
  deletedAt: null,
  pinnedAt: null,
  replyTo: null,
  threadRootId: null,
  mentions: [],
  attachments: [],
  reactions: [],
} as unknown as Message;
const facts: Facts = {
  selfId: "1001",
  place: { conversationId: "77", kind: "direct", lastSeq: 9, deliveredSeq: 8, readSeq: 4 },
  messages: [
    { id: "5", conversationId: "77", seq: 3, senderId: "1002" },
    { id: "6", conversationId: "77", seq: 7, senderId: "1002" },
  ],
};
/** What a word comes to, as whoever runs the table would make it. */
const run = (dialect: string, event: string, payload: unknown, given: Facts = facts) => {
  const word = tableOf(dialect).words[event];
  const input = word?.input.parse(payload);
  return { wants: word?.wants?.(input, given.selfId), commands: word?.commands?.(input, given) };
};

describe("which dialect an undeclared socket speaks", () => {
  it.each([
    [false, "register", "000"],
    [false, "authenticate", "004"],
    [true, "joinRoom", "002"],
    [true, "presence:online", "003"],
    [true, "send_message", "001"],
    [true, undefined, "001"],
    [false, "joinRoom", undefined],
    [false, undefined, undefined],
  ])("token %s, first event %s: %s", (hasToken, event, name) => {
    expect(inferDialect(DIALECTS, { hasToken, event })?.name).toBe(name);
  });

  it("is none that is turned off", () => {
    const without = DIALECTS.filter(({ name }) => name !== "001");
    expect(inferDialect(without, { hasToken: true, event: "send_message" })).toBeUndefined();
  });
});

describe("what comes in", () => {
  it("reads by one id, by a list, by the whole conversation, by the last id: one forward position", () => {
    const one = { ...facts, messages: facts.messages.slice(0, 1) };
    const read = (seq: number) => [{ name: "receipt:read", payload: { conversationId: "77", seq } }];
    expect(run("000", "messageAck", { messageId: "5" }, one).commands).toEqual(read(3));
    expect(run("003", "chat:message_read", { messageId: "5" }, one).commands).toEqual(read(3));
    const list = { conversationId: 77, messageIds: [5, 6] };
    expect(run("002", "markAsRead", list).commands).toEqual(read(7));
    expect(run("001", "mark_read", { conversationId: 77 }).commands).toEqual(read(9));
    expect(run("001", "message_read", { conversationId: 77 }).commands).toEqual(read(9));
    expect(run("004", "mark_as_read", { roomId: "77", messageId: "5" }, one).commands).toEqual(read(3));
    expect(run("004", "mark_as_read", { roomId: "77" }, { ...facts, messages: [] }).commands).toEqual(
      read(9),
    );
  });

  it("takes the name of a pair's room from either of the two, and from nobody else", () => {
    const place = (alias: string) => run("001", "join_conversation", { conversationId: alias }).wants?.place;
    expect(place("conv_1001_1005")).toEqual({ directWith: "1005", open: true });
    expect(place("conv_2_1001")).toEqual({ directWith: "2", open: true });
    expect(place("conv_3_4")).toEqual({});
    expect(place("room_1001_2")).toEqual({});
  });

  it("refuses a sender who is not the token's, and messages of another conversation", () => {
    const send = { conversationId: 77, senderId: 1002, content: "x" };
    expect(() => run("002", "sendMessage", send)).toThrow(ChatError);
    const elsewhere = { ...facts, place: { ...facts.place, conversationId: "78" } as Facts["place"] };
    const list = { conversationId: 78, messageIds: [5] };
    expect(() => run("002", "markAsRead", list, elsewhere)).toThrow(ChatError);
  });

  it("carries a sealed body as it is, and plain words as words", () => {
    const send = (payload: object) => run("003", "chat:message_send", { conversationId: "77", ...payload });
    expect(send({ contentEncrypted: "AA==" }).commands).toMatchObject([
      { payload: { kind: "sealed", body: "AA==" } },
    ]);
    expect(send({ content: "hi" }).commands).toMatchObject([{ payload: { body: "hi" } }]);
    expect(() => send({})).toThrow(ChatError);
  });

  it("lets no address through that a browser would run", () => {
    const input = tableOf("001").words.send_message?.input;
    const accepts = (attachmentUrl: unknown) =>
      input?.safeParse({ conversationId: 77, messageText: "x", attachmentUrl }).success;
    expect(["https://a.example/b", "/uploads/1.png", null].map(accepts)).toEqual([true, true, true]);
    expect(["javascript:alert(1)", " JavaScript:x", "data:text/html,x"].map(accepts)).toEqual([
      false,
      false,
      false,
    ]);
  });
});

describe("what goes out", () => {
  it("says in words what a dialect cannot show", () => {
    expect(plainText({ ...message, kind: "sealed", body: "AA==" })).toBe("[Encrypted message]");
    expect(plainText({ ...message, kind: "voice", body: null })).toBe("[voice]");
    const image = { ...message, kind: "image" as const, metadata: { attachmentUrl: "https://a.example/b" } };
    expect(plainText(image)).toBe("hello\nhttps://a.example/b");
  });

  it("never changes what it is given", () => {
    const frozen = Object.freeze({ ...message });
    const news = { delivered: facts.messages, read: facts.messages, seen: new Set<string>(), at: "" };
    const watermarks = { conversationId: "77", userId: "1002", deliveredSeq: 7, readSeq: 7 };
    for (const dialect of DIALECTS) {
      expect(dialect.message(frozen, { receiverId: "1002" })).toEqual(
        dialect.message(frozen, { receiverId: "1002" }),
      );
      dialect.receipt?.(Object.freeze({ ...news, watermarks: Object.freeze(watermarks), isRead: true }));
    }
  });

  it("tells those who sent a message what happened to it, and a group not less than before", () => {
    const watermarks = { conversationId: "77", userId: "1003", deliveredSeq: 7, readSeq: 0 };
    const news = { watermarks, isRead: false, delivered: facts.messages, read: [], at: "" };
    expect(tableOf("000").receipt?.({ ...news, seen: new Set(["5"]) })).toEqual([
      { event: "messageStatus", payload: { messageId: "6", status: "delivered" }, onlyFor: "1002" },
    ]);
  });

  it("gives numbers only where they are exact", () => {
    expect(["12", "9007199254740991", "9007199254740993", "ada", "012"].map(numeric)).toEqual([
      12,
      9007199254740991,
      "9007199254740993",
      "ada",
      "012",
    ]);
  });
});

it("understands every way in which JavaScript writes a time, and no other", () => {
  const at = "2026-01-02T03:04:05.678Z";
  expect([at, Date.parse(at)].map((time) => AnyTime.parse(time))).toEqual([at, at]);
  for (const wrong of ["yesterday", Number.NaN, 1e20, {}])
    expect(AnyTime.safeParse(wrong).success).toBe(false);
});
