import type { Member } from "@confab/sdk";
import { describe, expect, it } from "vitest";
import { insertMention, mentionAt, mentionedIds, offered, splitMentions } from "./mentions.ts";

const member = (id: string, displayName: string): Member => ({
  userId: id,
  role: "member",
  joinedSeq: 0,
  deliveredSeq: 0,
  readSeq: 0,
  user: { id, username: `u${id}`, displayName, avatarUrl: null, kind: "human" },
});
const members = [member("1", "Ann Lee"), member("2", "Bob Ray"), member("3", "Bob Rayner")];

describe("mentions", () => {
  it("begin with an @ that begins a word, and end where no name goes on", () => {
    expect(mentionAt("hi @bo", 6)).toEqual({ start: 3, query: "bo" });
    expect(mentionAt("@", 1)).toEqual({ start: 0, query: "" });
    expect(mentionAt("@Bob Ra", 7)).toEqual({ start: 0, query: "Bob Ra" });
    expect(mentionAt("mail me@home", 12)).toBeNull();
    expect(mentionAt("@bob!", 5)).toBeNull();
    expect(mentionAt("@bob and more", 4)).toEqual({ start: 0, query: "bob" });
  });

  it("offer everybody but oneself by any word of the name, or the username", () => {
    const names = (query: string) => offered(members, query, "1").map((user) => user.displayName);
    expect(names("")).toEqual(["Bob Ray", "Bob Rayner"]);
    expect(names("rayn")).toEqual(["Bob Rayner"]);
    expect(names("u2")).toEqual(["Bob Ray"]);
    expect(names("lee")).toEqual([]);
  });

  it("are put in place of what was typed, with one space after them", () => {
    expect(insertMention("hi @bo there", { start: 3, query: "bo" }, "Bob Ray")).toEqual({
      text: "hi @Bob Ray there",
      caret: 12,
    });
  });

  it("are told to the server by whole names alone", () => {
    expect(mentionedIds("@Bob Rayner, look", members)).toEqual(["3"]);
    expect(mentionedIds("@Bob Ray and @Ann Lee!", members)).toEqual(["1", "2"]);
    expect(mentionedIds("Bob Ray", members)).toEqual([]);
  });

  it("stand out in the text, and no other @ does", () => {
    expect(splitMentions("a @Bob Ray, @x", ["Bob Ray", "Bob Rayner"])).toEqual([
      { text: "a ", mention: false },
      { text: "@Bob Ray", mention: true },
      { text: ", @x", mention: false },
    ]);
    expect(splitMentions("(@A+B)", ["A+B"])).toHaveLength(3);
    expect(splitMentions("plain", [])).toEqual([{ text: "plain", mention: false }]);
  });
});
