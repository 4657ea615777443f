import { ChatError } from "@confab/contract";
import type { MessageContext } from "../context.ts";

/**
 * Refuses an access token whose session was ended, though the token itself is still good. Another process'
 * logout is noticed 5 s later at the latest.
 * @throws ChatError `unauthenticated`, reason `session_ended`
 */
export async function requireLiveSession(ctx: MessageContext, sessionId: string): Promise<void> {
  let live = ctx.caches.liveSessions.get(sessionId);
  if (live === undefined) {
    const rows = await ctx.prisma.$queryRaw<unknown[]>`
      SELECT 1 FROM refresh_tokens WHERE family_id = ${sessionId} AND revoked_at IS NULL`;
    live = rows.length === 1;
    ctx.caches.liveSessions.set(sessionId, live);
  }
  if (!live) throw new ChatError("unauthenticated", { reason: "session_ended" });
}
