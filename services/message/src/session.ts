import { ChatError, type HeadsReply, type UserId } from "@confab/contract";
import type { MessageContext } from "./context.ts";
import { listGroupIds, listHeads } from "./sync.ts";
import { ensureUser } from "./users/ensure.ts";
import { requireLiveSession } from "./users/sessions.ts";

export interface OpenSession {
  userId: UserId;
  /** Only of tokens that Confab signed. */
  sessionId?: string | undefined;
  name?: string | undefined;
  picture?: string | undefined;
}

/**
 * What a new connection needs to begin: who it is, where it stands, which rooms it hears.
 * @throws ChatError `unauthenticated` when the session has ended
 */
export async function openSession(
  ctx: MessageContext,
  input: OpenSession,
): Promise<HeadsReply & { displayName: string; groupIds: string[] }> {
  const { userId, sessionId } = input;
  if (sessionId !== undefined) await requireLiveSession(ctx, sessionId);
  await ensureUser(ctx, input);
  const user = await ctx.prisma.user.findUnique({ where: { id: userId }, select: { displayName: true } });
  if (!user) throw new ChatError("unauthenticated", { reason: "unknown_user" });
  // Rooms first: a group joined in between is announced to the room that the socket is in by then.
  const groupIds = (await listGroupIds(ctx, [userId]))[userId] ?? [];
  return { ...(await listHeads(ctx, userId)), displayName: user.displayName, groupIds };
}
