interface Highlight {
  start: number;
  length: number;
}

/** Enough before the first word that was found to see where one is. */
const BEFORE = 40;
const LONGEST = 200;

/** The part of a message around what was found, cut into what is marked and what is not. */
export function snippet(body: string, highlights: readonly Highlight[]): { text: string; marked: boolean }[] {
  const first = highlights[0]?.start ?? 0;
  const from = first > BEFORE ? body.indexOf(" ", first - BEFORE) + 1 || first : 0;
  const start = Math.min(from, first);
  const end = Math.min(body.length, start + LONGEST);
  const parts: { text: string; marked: boolean }[] = start > 0 ? [{ text: "… ", marked: false }] : [];
  let at = start;
  for (const { start: begin, length } of highlights) {
    if (begin < at || begin + length > end) continue;
    parts.push(
      { text: body.slice(at, begin), marked: false },
      { text: body.slice(begin, begin + length), marked: true },
    );
    at = begin + length;
  }
  parts.push(
    { text: body.slice(at, end), marked: false },
    { text: end < body.length ? " …" : "", marked: false },
  );
  return parts.filter((part) => part.text !== "");
}
