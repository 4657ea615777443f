const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const firstGrapheme = (text: string): string =>
  graphemes.segment(text)[Symbol.iterator]().next().value?.segment ?? "";

/** One or two letters for an avatar: first and last word that begins with one. A name of emoji alone shows its first, whole. */
export function initials(name: string): string {
  const all = name.trim().split(/\s+/u).filter(Boolean);
  const lettered = all.filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const words = lettered.length > 0 ? lettered : all.slice(0, 1);
  const first = words[0];
  if (!first) return "?";
  const last = words.length > 1 ? (words.at(-1) ?? "") : "";
  return (firstGrapheme(first) + firstGrapheme(last)).toLocaleUpperCase();
}

/** A hue that stays the same for an id on every device. 12 steps: neighbours stay distinguishable. */
export function hueOf(id: string): number {
  let hash = 0;
  for (let i = 0; i < id.length; i++) hash = (Math.imul(hash, 31) + id.charCodeAt(i)) | 0;
  return ((hash >>> 0) % 12) * 30;
}

/** "Ann", "Ann and Bob", "Ann, Bob and 3 others" */
export function listNames(names: readonly string[], shown = 2): string {
  if (names.length <= 1) return names[0] ?? "";
  if (names.length <= shown) return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  const others = names.length - shown;
  return `${names.slice(0, shown).join(", ")} and ${others} ${others === 1 ? "other" : "others"}`;
}

/** Unread is counted up to 100; more than 99 is "99+". */
export const badgeCount = (count: number): string => (count > 99 ? "99+" : String(count));

/** Of the tab: "(3) Bob · Confab". */
export function pageTitle(unread: number, place?: string): string {
  const base = place ? `${place} · Confab` : "Confab";
  return unread > 0 ? `(${badgeCount(unread)}) ${base}` : base;
}
