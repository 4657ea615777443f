import type { MessageContext } from "../context.ts";

const EVERY_MS = 60 * 60_000;
/** An ended session is remembered longer than any access token of it can live. */
const REMEMBERED_MS = 2 * 86_400_000;
/** Few at a time: a lock on many rows would hold up those who refresh. */
const ROWS_PER_DELETE = 1000;

/** Forgets sessions that have ended, now and then for as long as the service runs. */
export function startPruning(ctx: MessageContext): void {
  const timer = setInterval(async () => {
    try {
      await pruneSessions(ctx);
    } catch (error) {
      ctx.log.warn({ err: (error as Error).message }, "old sessions could not be removed");
    }
  }, EVERY_MS);
  timer.unref();
  ctx.lifecycle.onStop("intake", "pruning", () => clearInterval(timer));
}

/** How many sessions were removed. Any number of processes may do it at once. */
export async function pruneSessions(ctx: Pick<MessageContext, "sql" | "clock">): Promise<number> {
  const before = new Date(ctx.clock.now() - REMEMBERED_MS);
  for (let removed = 0; ; ) {
    const rows = await ctx.sql.$executeRaw`
      DELETE FROM refresh_tokens WHERE expires_at < ${before} LIMIT ${ROWS_PER_DELETE}`;
    removed += rows;
    if (rows < ROWS_PER_DELETE) return removed;
  }
}
