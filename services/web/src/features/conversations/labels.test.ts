import type { Member, Message } from "@confab/sdk";
import { describe, expect, it } from "vitest";
import { conversationName, peerOf, preview, summarise, typingText } from "./labels.ts";

const member = (id: string, displayName: string): Member => ({
  userId: id,
  role: "member",
  joinedSeq: 0,
  deliveredSeq: 0,
  readSeq: 0,
  user: { id, username: id, displayName, avatarUrl: null, kind: "human" },
});
const members = [member("1", "Ann Lee"), member("2", "Bob Ray"), member("3", "Cy Oz")];
const message = (change: Partial<Message>): Message => ({
  id: "9",
  conversationId: "5",
  seq: 1,
  revision: 1,
  senderId: "2",
  kind: "text",
  body: "hello\n  there",
  metadata: null,
  clientMessageId: "c",
  createdAt: "2026-11-20T10:00:00.000Z",
  editedAt: null,
  deletedAt: null,
  pinnedAt: null,
  replyTo: null,
  threadRootId: null,
  thread: null,
  schemaId: null,
  mentions: [],
  attachments: [],
  reactions: [],
  ...change,
});

describe("labels", () => {
  it("names conversations", () => {
    const direct = { kind: "direct" as const, title: null, members: members.slice(0, 2) };
    expect(conversationName(direct, "1")).toBe("Bob Ray");
    expect(conversationName(direct, "2")).toBe("Ann Lee");
    expect(conversationName({ ...direct, members: members.slice(0, 1) }, "1")).toBe("Ann Lee");
    expect(conversationName({ kind: "group", title: "Team", members }, "1")).toBe("Team");
    expect(conversationName({ kind: "group", title: null, members }, "1")).toBe("Bob Ray and Cy Oz");
    expect(peerOf({ kind: "group", members }, "1")).toBeUndefined();
  });

  it("summarises a message in one line", () => {
    expect(summarise(message({}))).toBe("hello there");
    expect(summarise(message({ kind: "image", body: null }))).toBe("Photo");
    expect(summarise(message({ kind: "sealed", body: "AbC=" }))).toBe("Encrypted message");
    expect(summarise(message({ deletedAt: "2026-11-20T10:00:00.000Z", body: null }))).toBe("Message deleted");
  });

  it("says whose message it was where that is not plain", () => {
    const group = { kind: "group" as const, members };
    expect(preview({ ...group, lastMessage: message({}) }, "1")).toBe("Bob: hello there");
    expect(preview({ ...group, lastMessage: message({}) }, "2")).toBe("You: hello there");
    expect(preview({ kind: "direct", members, lastMessage: message({}) }, "1")).toBe("hello there");
    expect(preview({ ...group, lastMessage: null }, "1")).toBe("No messages yet");
  });

  it("says who types", () => {
    expect(typingText("direct", ["Bob"])).toBe("typing…");
    expect(typingText("group", ["Bob"])).toBe("Bob is typing…");
    expect(typingText("group", ["Bob", "Cy"])).toBe("Bob and Cy are typing…");
    expect(typingText("group", ["Bob", "Cy", "Di"])).toBe("Several people are typing…");
    expect(typingText("group", [])).toBe("");
  });
});
