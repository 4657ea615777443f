import { z } from "zod";
import { Emoji } from "./commands.ts";
import { CustomStatus, Me } from "./entities.ts";
import { LIMITS } from "./limits.ts";

/** MySQL's DATETIME ends with the year 9999. */
const END_OF_TIME = Date.UTC(9999, 11, 31);
/** A time that every database can keep; the last one is for ever. */
export const Until = z.iso
  .datetime({ offset: true })
  .refine((text) => Date.parse(text) <= END_OF_TIME, { message: "beyond the year 9999" });
const StatusText = z
  .string()
  .trim()
  .max(LIMITS.statusTextLength)
  .refine((text) => text.isWellFormed(), { message: "must be well-formed Unicode" });
const StatusEmoji = Emoji.refine((emoji) => emoji.isWellFormed(), { message: "must be well-formed Unicode" });

/**
 * `text`, `emoji` and `expiresAt` are one thing: whichever is given, the others that are absent are cleared.
 * `dndUntil` stays unless it is given. Null clears, and so does a time that has passed.
 */
export const SetStatus = z.strictObject({
  text: StatusText.nullish(),
  emoji: StatusEmoji.nullish(),
  expiresAt: Until.nullish(),
  dndUntil: Until.nullish(),
});
export type SetStatus = z.infer<typeof SetStatus>;

/** Spread into `COMMANDS`. */
export const PEOPLE_COMMANDS = {
  "status:set": {
    about: "Say something of yourself, for a while or until you change it; or ask not to be disturbed.",
    payload: SetStatus,
    ack: z.object({ status: CustomStatus.nullable() }),
    limit: "change",
  },
} as const;

/** Spread into `EVENTS`. */
export const PEOPLE_EVENTS = {
  "me:updated": {
    about: "Your profile, status or privacy changed, by any of your devices.",
    payload: z.object({ me: Me }),
  },
} as const;

/** What is left of a status at a time (ms since 1970); null when nothing is. */
export function statusAt(status: CustomStatus | null, nowMs: number): CustomStatus | null {
  if (!status) return null;
  const isOver = (time: string | null): boolean => time !== null && Date.parse(time) <= nowMs;
  const said = isOver(status.expiresAt) ? { text: null, emoji: null, expiresAt: null } : {};
  const left = { ...status, ...said, ...(isOver(status.dndUntil) && { dndUntil: null }) };
  return left.text === null && left.emoji === null && left.dndUntil === null ? null : left;
}
