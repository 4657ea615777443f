import { describe, expect, it } from "vitest";
import { booleanQuery, highlight, termsOf, tokenise } from "./terms.ts";

const finds = (text: string, query: string) => {
  const marks = highlight(text, tokenise(query));
  return marks?.map(({ start, length }) => text.slice(start, start + length)) ?? null;
};

describe("what is stored", () => {
  it("has nothing but letters, digits and underscores that every parser takes, each long enough", () => {
    const text = "I am Zoë; 我们明天见面! 👍🏽 🇳🇱 Привет, สวัสดี नमस्ते a 7 ㈱ ＡＢＣ";
    const terms = termsOf(text).split(" ");
    for (const term of terms) expect(term).toMatch(/^[wce]_{1,2}[a-z0-9]{1,80}$/);
    expect(Math.min(...terms.map((term) => term.length))).toBeGreaterThanOrEqual(3);
    expect(terms).toContain("w_zoe");
    expect(terms).toContain("w_abc");
  });

  it("is the same for plain letters as for those beside others", () => {
    const text = String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code));
    for (const plain of [text, "It's 12:30, a_b c-d!", "x".repeat(50)]) {
      expect(termsOf(`${plain} é`)).toBe(`${termsOf(plain)} w_e`);
    }
  });

  it("fits a row, however long the text, and repeats nothing", () => {
    const characters = Array.from({ length: 5461 }, (_, index) => String.fromCodePoint(0x4e00 + index)).join(
      "",
    );
    expect(termsOf(characters).length).toBeLessThan(65_536);
    expect(termsOf("no no no")).toBe("w_no");
    expect(termsOf("x".repeat(16_384)).length).toBeLessThan(84);
    expect(termsOf(" … ")).toBe("");
  });
});

describe("a query", () => {
  it("asks for every word as a beginning, and for single letters as they are", () => {
    expect(booleanQuery(tokenise("Hel wor a"))).toBe("+w_hel* +w_wor* +w_a");
    expect(booleanQuery(tokenise('"*+-<>()~@'))).toBe(null);
  });

  it.each([
    ["The quick brown fox", "qui FOX", ["quick", "fox"]],
    ["The quick brown fox", "quick cat", null],
    ["The quick brown fox", "ick", null],
    ["Crème brûlée", "creme BRULEE", ["Crème", "brûlée"]],
    ["我们明天见面,明天", "明天", ["明天", "明天"]],
    ["我们明天见面", "天明", null],
    // Its pairs are all there, itself is not.
    ["天明 明天 明日", "天明日", null],
    ["東京タワー", "タワ", ["タワ"]],
    ["我们明天见面", "面", ["面"]],
    ["ship it 🚀 now", "🚀", ["🚀"]],
    ["well done 👍🏽", "👍", ["👍"]],
    ["well done 👍", "👍🏿 done", ["done", "👍"]],
    ["from 🇳🇱", "🇳🇱", ["🇳🇱"]],
    ["from 🇳🇱", "🇱🇳", null],
    ["Привет мир", "прив", ["Привет"]],
    ["สวัสดีครับ", "สวัส", ["สวัส"]],
    ["नमस्ते दुनिया", "नमस्ते", ["नमस्ते"]],
    ["안녕하세요 세상", "안녕", ["안녕하세요"]],
  ])("in %j for %j finds %j", (text, query, expected) => {
    expect(finds(text, query)).toEqual(expected);
  });

  it("would be found by what is stored: each of its terms is the beginning of one that is", () => {
    for (const [text, query] of [
      ["我们明天见面", "明天见"],
      ["我们明天见面", "面"],
      ["Zoë went", "zo wen"],
      ["👩‍🚀 up", "👩‍🚀"],
    ] as const) {
      const stored = termsOf(text).split(" ");
      for (const wanted of (booleanQuery(tokenise(query)) ?? "").split(" ")) {
        const bare = wanted.slice(1).replace("*", "");
        expect(stored.some((term) => (wanted.endsWith("*") ? term.startsWith(bare) : term === bare))).toBe(
          true,
        );
      }
    }
  });
});
