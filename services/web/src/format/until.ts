import { clockTime, daysAgo, listTime } from "./time.ts";

export const HOUR_S = 3600;
export const DAY_S = 24 * HOUR_S;
/** For what lasts until it is ended: the server keeps a time, and this one is beyond every plan. */
export const FOR_EVER = "9999-12-31T00:00:00.000Z";

/** So many seconds from now, as the API wants it. */
export const after = (seconds: number, nowMs = Date.now()): string =>
  new Date(nowMs + seconds * 1000).toISOString();

/** The next midnight here. */
export function endOfToday(now = new Date()): string {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).toISOString();
}

/** "10:42", "tomorrow at 10:42", "12 Nov"; "you end it" for what has no end. */
export function untilText(at: Date, now: Date, locale?: string): string {
  if (at.getFullYear() >= 9999) return "you end it";
  const days = -daysAgo(at, now);
  if (days <= 0) return clockTime(at, locale);
  if (days === 1) return `tomorrow at ${clockTime(at, locale)}`;
  const date = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
  return at.getFullYear() === now.getFullYear() ? date.format(at) : listTime(at, now, locale);
}

/** Whether a time is still to come. */
export const isAhead = (time: string | null | undefined, now: Date): boolean =>
  time != null && Date.parse(time) > now.getTime();
