import type { Member, User } from "@confab/sdk";

/** What is being typed after an `@`, from its place in the text. */
export interface MentionQuery {
  start: number;
  query: string;
}

const MAX_OFFERED = 6;
/** An `@` that begins a word, and up to three words after it: names have spaces. */
const OPEN = /(?:^|[\s(])@(?<query>[\p{L}\p{N}._-]{0,40}(?: [\p{L}\p{N}._-]{1,40}){0,2})$/u;

export function mentionAt(text: string, caret: number): MentionQuery | null {
  const query = OPEN.exec(text.slice(0, caret))?.groups?.query;
  return query === undefined ? null : { start: caret - query.length - 1, query };
}

const begins = (name: string, query: string): boolean =>
  name
    .toLocaleLowerCase()
    .split(" ")
    .some((_, index, words) => words.slice(index).join(" ").startsWith(query));

/** Members whose name, a later word of it, or username begins with what was typed. */
export function offered(members: readonly Member[], query: string, meId: string): User[] {
  const wanted = query.toLocaleLowerCase();
  return members
    .map((member) => member.user)
    .filter(({ id, displayName, username }) => {
      if (id === meId) return false;
      return begins(displayName, wanted) || (username?.startsWith(wanted) ?? false);
    })
    .slice(0, MAX_OFFERED);
}

export function insertMention(
  text: string,
  { start, query }: MentionQuery,
  name: string,
): { text: string; caret: number } {
  const before = `${text.slice(0, start)}@${name} `;
  return { text: before + text.slice(start + query.length + 1).replace(/^ /u, ""), caret: before.length };
}

const hasMention = (text: string, name: string): boolean => {
  const at = text.indexOf(`@${name}`);
  return at >= 0 && !/^[\p{L}\p{N}]/u.test(text.slice(at + name.length + 1));
};

/** Whom the text names, as it is sent. */
export const mentionedIds = (text: string, members: readonly Member[]): string[] =>
  text.includes("@")
    ? members.filter((member) => hasMention(text, member.user.displayName)).map((member) => member.userId)
    : [];

/** Cuts a text at the names that it mentions, for showing them; longest names first. */
export function splitMentions(text: string, names: readonly string[]): { text: string; mention: boolean }[] {
  if (names.length === 0 || !text.includes("@")) return [{ text, mention: false }];
  const escaped = [...names]
    .sort((one, other) => other.length - one.length)
    .map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
  return text
    .split(new RegExp(`(@(?:${escaped.join("|")}))(?![\\p{L}\\p{N}])`, "u"))
    .map((part, index) => ({ text: part, mention: index % 2 === 1 }))
    .filter((part) => part.text !== "");
}
