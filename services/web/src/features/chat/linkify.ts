/** A run of a message's text; with `href` it is a link. */
export interface TextRun {
  text: string;
  href?: string;
}

/** No other scheme than http, https and mailto gets past here. The counts are bounded so that no text of 16 KiB takes quadratic time. */
const CANDIDATE =
  /\b(?:https?:\/\/|mailto:|www\.)[^\s<>"'`]{1,2048}|[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}/giu;

/** Punctuation that ends the sentence and not the address; a closing bracket stays if it was opened inside. */
function trimEnd(candidate: string): string {
  let text = candidate;
  for (;;) {
    const last = text.at(-1) ?? "";
    if (/[.,;:!?…*_~]/u.test(last)) text = text.slice(0, -1);
    else if (last === ")" && !text.includes("(")) text = text.slice(0, -1);
    else if (last === "]" && !text.includes("[")) text = text.slice(0, -1);
    else return text;
  }
}

function hrefOf(text: string): string | undefined {
  let address = text;
  if (/^www\./iu.test(text)) address = `https://${text}`;
  else if (!/^(?:https?:|mailto:)/iu.test(text)) address = `mailto:${text}`;
  const url = URL.parse(address);
  return url && (url.host || url.pathname.includes("@")) ? url.href : undefined;
}

/** Splits plain text into runs; only http, https and mailto become links. Never yields HTML. */
export function linkify(body: string): TextRun[] {
  const runs: TextRun[] = [];
  let end = 0;
  for (const match of body.matchAll(CANDIDATE)) {
    const text = trimEnd(match[0]);
    const href = hrefOf(text);
    if (!href) continue;
    if (match.index > end) runs.push({ text: body.slice(end, match.index) });
    runs.push({ text, href });
    end = match.index + text.length;
  }
  if (end < body.length) runs.push({ text: body.slice(end) });
  return runs;
}

const EMOJI_ONLY =
  /^(?:\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F|\u200D\p{Extended_Pictographic})*|\p{Regional_Indicator}{2}|\s){1,12}$/u;
/** A few emoji and nothing else are shown large. */
export const isEmojiOnly = (body: string): boolean => /\S/u.test(body) && EMOJI_ONLY.test(body);
