/** Who is at the other end of a socket: settled once when it connects, and again whenever a token ends. */
import { ChatError, Handshake, PROTOCOL_VERSION, type UserId } from "@confab/contract";
import { userRoom } from "@confab/contract/internal";
import { type TokenClaims, withDeadline } from "@confab/runtime";
import type { GatewayContext } from "./context.ts";
import { createGuest } from "./dialects/guest.ts";
import { chooseManner } from "./dialects/sign-in.ts";
import { type GatewaySocket, localSockets, type SocketData, socketsInRoom } from "./socket.ts";

/** Fetching an issuer's keys may take 3 s. */
const VERIFY_DEADLINE_MS = 4000;

/**
 * Signs a socket in or refuses it; a refusal reaches the client as `connect_error` with
 * `err.data = { code, reason, retryAfterMs? }`.
 */
export function requireSignIn(ctx: GatewayContext): void {
  // A second attempt on the same connection could multiply what one admitted connection costs.
  const tried = new WeakSet<object>();
  ctx.io.use((socket, next) => {
    if (tried.has(socket.conn)) {
      next(asConnectError(new ChatError("invalid", { reason: "already_tried" })));
      socket.conn.close();
      return;
    }
    tried.add(socket.conn);
    signIn(ctx, socket).then(
      () => {
        ctx.metrics.handshakes.inc({ result: "ok" });
        next();
      },
      (error: unknown) => {
        const refusal = refusalOf(ctx, error);
        ctx.metrics.handshakes.inc({ result: refusal.code });
        next(asConnectError(refusal));
      },
    );
  });
}

async function signIn(ctx: GatewayContext, socket: GatewaySocket): Promise<void> {
  const parsed = Handshake.safeParse(socket.handshake.auth);
  if (!parsed.success) throw new ChatError("invalid", { reason: "invalid:auth" });
  const { token, protocol, active } = parsed.data;
  const manner = chooseManner(ctx.dialects.spoken, parsed.data);
  Object.assign(socket.data, nobody());
  // The token must not lie about, and headers are not needed again: they are as large as all that is.
  Object.assign(socket, { handshake: undefined });
  if (manner.native) {
    // A client that names none speaks the first.
    if ((protocol ?? 1) !== PROTOCOL_VERSION) throw new ChatError("unsupported_version");
    await admit(ctx, socket, { token, active });
    return;
  }
  // These know nothing of focus, or say so later: they count as active while they are here.
  if (manner.token) await admit(ctx, socket, { token: manner.token, active: true });
  socket.data.guest = createGuest(ctx, socket, manner.dialect);
}

/** Signs a socket in; `userId`: who they say they are. @throws ChatError */
export async function admit(
  ctx: GatewayContext,
  socket: GatewaySocket,
  {
    token,
    active,
    userId,
  }: { token: string | undefined; active: boolean | undefined; userId?: UserId | undefined },
): Promise<void> {
  const claims = await verify(ctx, token);
  if (userId !== undefined && userId !== claims.userId)
    throw new ChatError("forbidden", { reason: "other_user" });
  await ctx.limiter.take("connectUser", claims.userId);
  const sessionId = sessionOf(ctx, claims);
  const session = await ctx.sessions.open({
    userId: claims.userId,
    sessionId,
    name: claims.name,
    picture: claims.picture,
  });
  if (ctx.lifecycle.stopping) throw new ChatError("unavailable", { reason: "draining" });
  const known: Partial<SocketData> = {
    userId: claims.userId,
    sessionId,
    displayName: session.displayName,
    opened: session,
    expiresAtMs: claims.expiresAtSeconds * 1000,
    active,
  };
  Object.assign(socket.data, known);
}

const nobody = (): SocketData => ({
  userId: "",
  sessionId: undefined,
  displayName: "",
  opened: undefined,
  expiresAtMs: Number.POSITIVE_INFINITY,
  announcedMs: 0,
  active: undefined,
  onScreen: null,
  inFlight: 0,
  leaving: false,
  guest: undefined,
  strikes: { count: 0, sinceMs: 0 },
  admitted: Promise.resolve(),
});

/** Outside issuers name their sessions, too; only they know which of those have ended. */
export const sessionOf = (ctx: GatewayContext, claims: TokenClaims): string | undefined =>
  claims.issuer === ctx.config.auth.issuer ? claims.sessionId : undefined;

/** @throws ChatError `unauthenticated`, `unavailable`, `timeout` */
export async function verify(ctx: GatewayContext, token: string | undefined): Promise<TokenClaims> {
  if (!token) throw new ChatError("unauthenticated", { reason: "token_missing" });
  return withDeadline(ctx.verifyToken(token), VERIFY_DEADLINE_MS, "token");
}

/** What a client may know: our own trouble is `unavailable`, with a pause that scatters those who come back. */
function refusalOf(ctx: GatewayContext, error: unknown): ChatError {
  const known = error instanceof ChatError ? error : undefined;
  if (known && known.retry !== "backoff") return known;
  if (!known) ctx.log.error({ err: error }, "sign-in failed");
  const retryAfterMs = 1000 + ctx.random() * 4000;
  return new ChatError("unavailable", { reason: known?.reason ?? "internal", retryAfterMs });
}

function asConnectError(refusal: ChatError): Error {
  const { code, reason, retryAfterMs } = refusal.toWire();
  const data = { code, reason, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  return Object.assign(new Error(refusal.message), { data });
}

/** One look at every socket instead of a timer for each. */
export function sweepExpiredTokens(ctx: GatewayContext): void {
  const nowMs = ctx.clock.now();
  const { noticeMs, graceMs } = ctx.config.auth;
  for (const socket of localSockets(ctx.io).values()) {
    const { expiresAtMs, announcedMs } = socket.data;
    if (nowMs >= expiresAtMs + graceMs) {
      // The client sees `io server disconnect`; when it comes back with the same token, `token_expired`.
      socket.disconnect(true);
    } else if (nowMs >= expiresAtMs - noticeMs && announcedMs !== expiresAtMs) {
      socket.data.announcedMs = expiresAtMs;
      socket.emit("auth:expiring", { expiresAt: new Date(expiresAtMs).toISOString() });
    }
  }
}

/** Closes what this process holds of a session that has ended; other processes heard of it, too. */
export function closeSession(ctx: GatewayContext, session: { userId: UserId; sessionId: string }): void {
  for (const socket of socketsInRoom(ctx.io, userRoom(session.userId))) {
    if (socket.data.sessionId === session.sessionId) socket.disconnect(true);
  }
}
