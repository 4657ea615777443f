import { describe, expect, it } from "vitest";
import { isEmojiOnly, linkify } from "./linkify.ts";

const links = (body: string): (string | undefined)[] =>
  linkify(body)
    .filter((run) => run.href)
    .map((run) => run.href);

describe("linkify", () => {
  it("keeps every character of the text", () => {
    for (const body of [
      "a https://a.example/x, b",
      "(see www.a.example)",
      "x@y.example.",
      "none",
      "https://",
      "mailto:.",
      "www.",
      "",
    ]) {
      expect(
        linkify(body)
          .map((run) => run.text)
          .join(""),
      ).toBe(body);
    }
  });

  it("finds addresses and leaves the sentence's punctuation out", () => {
    expect(links("Go to https://a.example/x?y=1#z.")).toEqual(["https://a.example/x?y=1#z"]);
    expect(links("(see http://a.example/b)")).toEqual(["http://a.example/b"]);
    expect(links("https://a.example/Foo_(bar)")).toEqual(["https://a.example/Foo_(bar)"]);
    expect(links("www.a.example!")).toEqual(["https://www.a.example/"]);
    expect(links("write to ann@a.example, please")).toEqual(["mailto:ann@a.example"]);
    expect(links("https://a.example https://b.example")).toHaveLength(2);
  });

  it("refuses every other scheme", () => {
    for (const body of [
      "javascript:alert(1)",
      "data:text/html,x",
      "vbscript:x",
      "file:///etc/passwd",
      "https://",
    ]) {
      expect(links(body)).toEqual([]);
    }
  });

  it("stays fast on hostile text", () => {
    // Ten times what a message may hold: with its square, this would take longer than a test may.
    linkify("a@".repeat(80_000));
    linkify(`${"a.".repeat(80_000)}@`);
    linkify(`https://${")".repeat(160_000)}`);
  });

  it("knows emoji alone", () => {
    for (const body of ["👍", "👩‍🚀 🎉", "🇳🇱", "❤️"]) expect(isEmojiOnly(body)).toBe(true);
    for (const body of ["ok 👍", "12", " ", "👍".repeat(30)]) expect(isEmojiOnly(body)).toBe(false);
  });
});
