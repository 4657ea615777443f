import { ChatError } from "@confab/contract";
import { isUnavailable } from "@confab/db";

/** After this long a failover or a burst of lock waits is usually over. */
const RETRY_AFTER_MS = 1000;

/** What was thrown, as callers hear of it: a database that is away is `unavailable`, what is unknown `internal`. */
export function asChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  if (isUnavailable(error)) {
    return new ChatError("unavailable", { reason: "database", retryAfterMs: RETRY_AFTER_MS, cause: error });
  }
  return new ChatError("internal", { cause: error });
}
