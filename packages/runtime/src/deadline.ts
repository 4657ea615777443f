import { ChatError } from "@confab/contract";

/**
 * Waits for `work` at most `deadlineMs`. The work itself is not stopped, only no longer waited for (P10).
 * @throws ChatError `timeout`, reason `<what>_timeout`
 */
export async function withDeadline<T>(work: Promise<T>, deadlineMs: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new ChatError("timeout", { reason: `${what}_timeout` })), deadlineMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
    // Whoever stopped waiting must not be ended by a rejection that comes later.
    work.catch(() => undefined);
  }
}
