import { ChatError } from "@confab/sdk";

/** Refusals that have a remedy of their own. */
const REASONS: Record<string, string> = {
  announcement: "Only admins and moderators write here.",
  banned: "This person is banned here. Lift the ban first.",
  last_admin: "A group needs an admin. Make somebody else one first.",
  message_deleted: "This message was deleted.",
  peer_blocked: "You block this person. Unblock them in the account menu to write.",
  report_handled: "Somebody else has closed this report.",
  revision_changed: "This message was changed meanwhile. Look at it again.",
  too_many_emojis: "There are too many different reactions on this message.",
  too_many_pins: "Fifty messages are pinned here. Unpin one first.",
};

/** What went wrong, for the person in front of it: what happened, and what helps. */
export function errorText(error: unknown): string {
  if (!(error instanceof ChatError)) return "Something went wrong. Please try again.";
  const known = REASONS[error.reason];
  if (known) return known;
  switch (error.code) {
    case "rate_limited": {
      const seconds = Math.ceil((error.retryAfterMs ?? 0) / 1000);
      return seconds > 0
        ? `Too much at once. Try again in ${seconds} s.`
        : "Too much at once. Try again soon.";
    }
    case "unavailable":
    case "timeout":
      return "Confab cannot be reached right now. Please try again.";
    case "forbidden":
      return "You are not allowed to do this.";
    case "not_found":
      return "This is no longer there.";
    case "too_large":
      return "This is too long.";
    case "unauthenticated":
      return "Your session has ended. Please sign in again.";
    default:
      return "Something went wrong. Please try again.";
  }
}

/** The same, where the form itself is the likely reason. */
export function signInErrorText(error: unknown, creating: boolean): string {
  if (error instanceof ChatError) {
    if (error.code === "unauthenticated") return "That username and password do not match.";
    if (error.code === "conflict") return "That username is taken. Try another one.";
    if (error.code === "invalid") {
      return creating
        ? "Use 2 to 32 letters, digits, dots or dashes for the username, and at least 8 characters for the password."
        : "That username and password do not match.";
    }
  }
  return errorText(error);
}
