import { describe, expect, it } from "vitest";
import { snippet } from "./snippet.ts";

const shown = (body: string, ...highlights: { start: number; length: number }[]): string =>
  snippet(body, highlights)
    .map((part) => (part.marked ? `[${part.text}]` : part.text))
    .join("");

describe("a search result's snippet", () => {
  it("marks what was found", () => {
    expect(shown("the red fox and the red hen", { start: 4, length: 3 }, { start: 20, length: 3 })).toBe(
      "the [red] fox and the [red] hen",
    );
    expect(shown("nothing to mark")).toBe("nothing to mark");
  });

  it("begins shortly before the first find, at a word, and ends in time", () => {
    const body = `${"word ".repeat(100)}needle ${"word ".repeat(100)}`;
    const text = shown(body, { start: 500, length: 6 });
    expect(text).toMatch(/^… (?:word ){7,8}\[needle\] word/u);
    expect(text.endsWith(" …")).toBe(true);
    expect(text.length).toBeLessThan(220);
  });

  it("finds its way in a text without spaces", () => {
    expect(shown(`${"x".repeat(100)}needle`, { start: 100, length: 6 })).toBe("… [needle]");
  });
});
