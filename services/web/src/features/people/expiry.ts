import { after, DAY_S, endOfToday, FOR_EVER, HOUR_S } from "../../format/until.ts";

export type Expiry = "30m" | "1h" | "4h" | "today" | "week" | "never";

export const EXPIRY_LABELS: Record<Expiry, string> = {
  "30m": "In 30 minutes",
  "1h": "In an hour",
  "4h": "In 4 hours",
  today: "At the end of today",
  week: "In a week",
  never: "When I change it",
};
export const EXPIRY_CHOICES = Object.entries(EXPIRY_LABELS).map(([value, label]) => ({
  value: value as Expiry,
  label,
}));

const SECONDS = { "30m": HOUR_S / 2, "1h": HOUR_S, "4h": 4 * HOUR_S, week: 7 * DAY_S } as const;

/** Null: it does not end by itself. */
export function expiryTime(expiry: Expiry): string | null {
  if (expiry === "never") return null;
  return expiry === "today" ? endOfToday() : after(SECONDS[expiry]);
}

/** The same for what must have a time. */
export const endTime = (expiry: Expiry): string => expiryTime(expiry) ?? FOR_EVER;
