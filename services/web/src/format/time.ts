const DAY_MS = 86_400_000;

/** Local midnight of the day that holds `at`. */
const startOfDay = (at: Date): number => new Date(at.getFullYear(), at.getMonth(), at.getDate()).getTime();

/** Whole calendar days from `at` back to `now`'s day; 0 is today. Rounded, since a day may have 23 or 25 hours. */
export const daysAgo = (at: Date, now: Date): number =>
  Math.round((startOfDay(now) - startOfDay(at)) / DAY_MS);

export const isSameDay = (a: Date, b: Date): boolean => startOfDay(a) === startOfDay(b);

const formatters = new Map<string, Intl.DateTimeFormat>();
/** Making a formatter costs about 50 µs, a row needs several: keep them. */
function format(at: Date, locale: string | undefined, options: Intl.DateTimeFormatOptions): string {
  const key = `${locale} ${JSON.stringify(options)}`;
  let formatter = formatters.get(key);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(locale, options);
    formatters.set(key, formatter);
  }
  return formatter.format(at);
}

/** "10:42" */
export const clockTime = (at: Date, locale?: string): string =>
  format(at, locale, { hour: "numeric", minute: "2-digit" });

/** For a tooltip: "Thursday, 20 November 2026 at 10:42" */
export const fullTime = (at: Date, locale?: string): string =>
  format(at, locale, { dateStyle: "full", timeStyle: "short" });

/** For the conversation list: "10:42", "Yesterday", "Tue", "12 Nov", "12/11/2025". */
export function listTime(at: Date, now: Date, locale?: string): string {
  const days = daysAgo(at, now);
  if (days <= 0) return clockTime(at, locale);
  if (days === 1) return "Yesterday";
  if (days < 7) return format(at, locale, { weekday: "short" });
  if (at.getFullYear() === now.getFullYear()) return format(at, locale, { day: "numeric", month: "short" });
  return format(at, locale, { dateStyle: "short" });
}

/** For a day separator: "Today", "Yesterday", "Tuesday", "Tuesday, 12 November", with the year if it differs. */
export function dayLabel(at: Date, now: Date, locale?: string): string {
  const days = daysAgo(at, now);
  if (days <= 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days < 7) return format(at, locale, { weekday: "long" });
  const sameYear = at.getFullYear() === now.getFullYear();
  return format(at, locale, {
    weekday: "long",
    day: "numeric",
    month: "long",
    ...(sameYear ? {} : { year: "numeric" }),
  });
}

/** "Last seen just now", "Last seen 5 min ago", "Last seen today at 10:42", "Last seen 12 Nov". */
export function lastSeen(at: Date, now: Date, locale?: string): string {
  const minutes = Math.floor((now.getTime() - at.getTime()) / 60_000);
  if (minutes < 1) return "Last seen just now";
  if (minutes < 60) return `Last seen ${minutes} min ago`;
  const days = daysAgo(at, now);
  if (days === 0) return `Last seen today at ${clockTime(at, locale)}`;
  if (days === 1) return `Last seen yesterday at ${clockTime(at, locale)}`;
  return `Last seen ${listTime(at, now, locale)}`;
}

/** "3 s", "2 min": how long until a reconnection is tried. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`;
}
