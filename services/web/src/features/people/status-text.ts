import type { CustomStatus } from "@confab/sdk";
import { isAhead } from "../../format/until.ts";

/** "🎧 In a call · Do not disturb"; a part that has run out is gone, also before the server says so. */
export function statusText(status: CustomStatus | null, now: Date): string {
  if (!status) return "";
  const isSaid = status.expiresAt === null || isAhead(status.expiresAt, now);
  const words = isSaid ? [status.emoji, status.text].filter(Boolean).join(" ") : "";
  return [words, isAhead(status.dndUntil, now) ? "Do not disturb" : ""].filter(Boolean).join(" · ");
}
