/**
 * The words of a text, in a spelling that every server's full-text parser takes alike. Left to themselves they differ:
 * MariaDB has no `ngram`, takes a Chinese sentence for one word and an emoji for none; MySQL's `ngram` drops whatever
 * holds a stop word; both drop words of two letters. So words are cut here, and what is not a–z or 0–9 is written in
 * hexadecimal: `w…` a word, `c…` two neighbouring characters of a script without spaces, `e…` an emoji.
 */

/** Parsers cut what is longer than 84 characters; four of them may be one letter. */
const WORD_UNITS = 20;
/** What a row holds (`TEXT`); a body of 16 KiB gives less, whatever the script. */
const MAX_TERMS_LENGTH = 65_000;

/** Scripts whose words are not told apart by spaces. */
const UNSPACED = String.raw`\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}ー々〆`;
const TOKEN = new RegExp(
  String.raw`(?<flag>\p{RI}\p{RI})|(?<emoji>(?!\p{EMod})(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}))|(?<run>[${UNSPACED}][${UNSPACED}\p{M}]*)|(?<word>(?:(?![${UNSPACED}])[\p{L}\p{N}\p{M}])+)`,
  "gu",
);

export interface Token {
  kind: "word" | "run" | "emoji";
  /** Case, width and accents taken away; of an emoji, skin and style. */
  text: string;
  /** Where it is in the original, in UTF-16 units. */
  start: number;
  end: number;
}

export function tokenise(text: string): Token[] {
  return [...text.matchAll(TOKEN)].map((match) => {
    const { word, run } = match.groups as { word?: string; run?: string };
    const kind = word !== undefined ? "word" : run !== undefined ? "run" : "emoji";
    return { kind, text: fold(match[0]), start: match.index, end: match.index + match[0].length };
  });
}

/** Accents above Latin, Greek and Cyrillic letters; in other scripts such marks are letters. */
const ACCENTS = /(?<=[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}])\p{Mn}+/gu;

const fold = (text: string): string =>
  text.normalize("NFKD").replace(ACCENTS, "").normalize("NFC").toLowerCase();

/** A letter of the parser's own alphabet stays as it is. */
const spell = (text: string): string =>
  /^[a-z0-9]+$/.test(text)
    ? text
    : Array.from({ length: text.length }, (_, index) =>
        text.charCodeAt(index).toString(16).padStart(4, "0"),
      ).join("");

/** The underscore makes the shortest of them long enough for every parser, and none of them a stop word. */
const term = (mark: "w" | "c" | "e", text: string): string =>
  `${mark}${/^[a-z0-9]+$/.test(text) ? "_" : "__"}${spell(text)}`;

const cut = (text: string): string => text.slice(0, WORD_UNITS);

/** Of a run, every pair of neighbours, and its last character alone: any one character begins some term. */
function grams(run: string): string[] {
  const characters = [...run];
  return characters.map((character, index) => character + (characters[index + 1] ?? ""));
}

const ASCII = /^\p{ASCII}*$/u;

function termsIn(text: string): string[] {
  // The same, three times as fast: there is nothing but words, and nothing to fold.
  if (ASCII.test(text)) return (text.toLowerCase().match(/[a-z0-9]+/g) ?? []).map((word) => `w_${cut(word)}`);
  return tokenise(text).flatMap((token) => {
    if (token.kind === "word") return term("w", cut(token.text));
    if (token.kind === "emoji") return term("e", token.text);
    return grams(token.text).map((gram) => term("c", gram));
  });
}

/** What is stored for a text, each term once. */
export function termsOf(text: string): string {
  const terms = new Set(termsIn(text));
  let line = "";
  for (const one of terms) {
    if (line.length + one.length >= MAX_TERMS_LENGTH) break;
    line += `${one} `;
  }
  return line.trimEnd();
}

/**
 * A boolean full-text query for everything that may match: words as beginnings, runs by their pairs. Null when there is
 * nothing to look for, as in a query of punctuation.
 */
export function booleanQuery(tokens: Token[]): string | null {
  const terms = new Set(
    tokens.flatMap((token) => {
      if (token.kind === "word") return `${term("w", cut(token.text))}${token.text.length > 1 ? "*" : ""}`;
      if (token.kind === "emoji") return term("e", token.text);
      const characters = [...token.text];
      if (characters.length === 1) return `${term("c", token.text)}*`;
      return grams(token.text)
        .slice(0, -1)
        .map((gram) => term("c", gram));
    }),
  );
  return terms.size === 0 ? null : [...terms].map((one) => `+${one}`).join(" ");
}

/** Where a text has what was asked for; null unless all of it is there. The index finds, this decides. */
export function highlight(text: string, tokens: Token[]): { start: number; length: number }[] | null {
  const found = tokenise(text);
  const places = new Map<number, { start: number; length: number }>();
  for (const wanted of tokens) {
    const marks = found.filter((token) => matches(token, wanted)).flatMap((token) => marksIn(token, wanted));
    if (marks.length === 0) return null;
    for (const mark of marks) places.set(mark.start, mark);
  }
  return [...places.values()].sort((one, other) => one.start - other.start);
}

function matches(token: Token, wanted: Token): boolean {
  if (token.kind !== wanted.kind) return false;
  if (wanted.kind === "run") return token.text.includes(wanted.text);
  const isBeginning = wanted.kind === "word" && wanted.text.length > 1;
  return isBeginning ? token.text.startsWith(wanted.text) : token.text === wanted.text;
}

/** Words and emojis as a whole; of a run what was asked for, unless folding has moved its characters. */
function marksIn({ kind, text, start, end }: Token, wanted: Token): { start: number; length: number }[] {
  const { length } = wanted.text;
  if (kind !== "run" || text.length !== end - start) return [{ start, length: end - start }];
  const marks: { start: number; length: number }[] = [];
  for (let at = text.indexOf(wanted.text); at !== -1; at = text.indexOf(wanted.text, at + length)) {
    marks.push({ start: start + at, length });
  }
  return marks;
}
