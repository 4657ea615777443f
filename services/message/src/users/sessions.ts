/**
 * Sessions: a short access token (EdDSA JWT) and a refresh token that is replaced each time it is used.
 *
 * A refresh token that was used before ends its session, since two people hold it: everybody signs in again. But an
 * answer that was lost, or two tabs that refresh at once, must not sign anybody out: for a few seconds the token that
 * was just replaced gives the same successor once more, and the session does not branch.
 */
import { ChatError, type Session, type UserId } from "@confab/contract";
import { Prisma } from "@confab/db";
import { SignJWT } from "jose";
import type { MessageContext } from "../context.ts";
import {
  formatRefreshToken,
  hashOf,
  isGenuine,
  mintRefreshToken,
  parseRefreshToken,
  type RefreshToken,
  successorOf,
} from "./refresh-token.ts";
import { toMe } from "./view.ts";

type Account = Parameters<typeof toMe>[0];

/** Longer than an HTTP client waits before it tries again; a thief who is slower than this is noticed. */
const REPEAT_MS = 10_000;

const refusal = (reason: string) => new ChatError("unauthenticated", { reason });

/** Signs somebody in who has shown who they are. */
export async function startSession(ctx: MessageContext, account: Account): Promise<Session> {
  const token = mintRefreshToken(ctx.keys.refreshKey, crypto.randomUUID());
  const now = ctx.clock.now();
  await ctx.prisma.refreshToken.create({
    data: {
      familyId: token.familyId,
      userId: account.id,
      tokenHash: new Uint8Array(hashOf(token)),
      rotatedAt: new Date(now),
      createdAt: new Date(now),
      expiresAt: new Date(now + ctx.config.auth.refreshTokenMs),
    },
  });
  return describeSession(ctx, account, token);
}

/**
 * A new pair for a refresh token. Any number of requests with one token at the same time rotate it once and get the
 * same successor: the row changes by one conditional UPDATE.
 * @throws ChatError `unauthenticated`, reason `refresh_token_invalid`, or `refresh_token_reused` (the session is over)
 */
export async function refreshSession(ctx: MessageContext, text: string): Promise<Session> {
  const token = parseRefreshToken(text);
  if (!token) throw refusal("refresh_token_invalid");
  const next = successorOf(ctx.keys.refreshKey, token);
  const now = new Date(ctx.clock.now());
  const expiresAt = new Date(now.getTime() + ctx.config.auth.refreshTokenMs);
  const rotated = await ctx.sql.$executeRaw`
    UPDATE refresh_tokens
    SET previous_hash = token_hash, token_hash = ${hashOf(next)}, rotated_at = ${now}, expires_at = ${expiresAt}
    WHERE family_id = ${token.familyId} AND token_hash = ${hashOf(token)}
      AND revoked_at IS NULL AND expires_at > ${now}`;
  const family = await ctx.prisma.refreshToken.findUnique({ where: { familyId: token.familyId } });
  if (!family) throw refusal("refresh_token_invalid");
  if (rotated === 0) await requireRepeat(ctx, token, family);
  const account = await ctx.prisma.user.findUnique({ where: { id: family.userId } });
  if (!account) throw refusal("refresh_token_invalid");
  return describeSession(ctx, account, next);
}

interface Family {
  familyId: string;
  userId: UserId;
  previousHash: Uint8Array | null;
  rotatedAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
}

/** Lets a token pass that was replaced a moment ago; an older one of ours ends the session. */
async function requireRepeat(ctx: MessageContext, token: RefreshToken, family: Family): Promise<void> {
  const now = ctx.clock.now();
  if (family.revokedAt || family.expiresAt.getTime() <= now) throw refusal("refresh_token_invalid");
  const isPrevious = family.previousHash !== null && hashOf(token).equals(family.previousHash);
  if (isPrevious && now - family.rotatedAt.getTime() < REPEAT_MS) return;
  if (!isPrevious && !isGenuine(ctx.keys.refreshKey, token)) throw refusal("refresh_token_invalid");
  ctx.log.warn({ userId: family.userId, sessionId: family.familyId }, "a used refresh token came again");
  await endSession(ctx, family);
  throw refusal("refresh_token_reused");
}

/** Ends the session that this token belongs to, for its sockets, too. Whatever the token, it is no good afterwards. */
export async function endSessionOf(ctx: MessageContext, text: string): Promise<void> {
  const token = parseRefreshToken(text);
  if (!token) return;
  const hash = new Uint8Array(hashOf(token));
  const family = await ctx.prisma.refreshToken.findFirst({
    where: { familyId: token.familyId, OR: [{ tokenHash: hash }, { previousHash: hash }] },
  });
  if (family) await endSession(ctx, family);
}

async function endSession(ctx: MessageContext, { familyId, userId }: Family): Promise<void> {
  const ended = await ctx.prisma.refreshToken.updateMany({
    where: { familyId, revokedAt: null },
    data: { revokedAt: new Date(ctx.clock.now()) },
  });
  if (ended.count === 0) return;
  ctx.caches.liveSessions.set(familyId, false);
  ctx.fanout.revokeSession({ userId, sessionId: familyId });
}

/**
 * Refuses an access token whose session was ended, though the token itself is still good. Another process'
 * logout is noticed 5 s later at the latest.
 * @throws ChatError `unauthenticated`, reason `session_ended`
 */
export async function requireLiveSession(ctx: MessageContext, sessionId: string): Promise<void> {
  let live = ctx.caches.liveSessions.get(sessionId);
  if (live === undefined) {
    const rows = await ctx.sql.$queryRaw<unknown[]>`
      SELECT 1 FROM refresh_tokens WHERE family_id = ${sessionId} AND revoked_at IS NULL`;
    live = rows.length === 1;
    ctx.caches.liveSessions.set(sessionId, live);
  }
  if (!live) throw refusal("session_ended");
}

/** Those of these sessions that are over, as the database knows it now: what was remembered is put right, too. */
export async function listEndedSessions(ctx: MessageContext, sessionIds: string[]): Promise<string[]> {
  if (sessionIds.length === 0) return [];
  const rows = await ctx.sql.$queryRaw<{ family_id: string }[]>`
    SELECT family_id FROM refresh_tokens
    WHERE family_id IN (${Prisma.join(sessionIds)}) AND revoked_at IS NULL`;
  const live = new Set(rows.map((row) => row.family_id));
  const ended = sessionIds.filter((sessionId) => !live.has(sessionId));
  for (const sessionId of ended) ctx.caches.liveSessions.set(sessionId, false);
  return ended;
}

async function describeSession(ctx: MessageContext, account: Account, token: RefreshToken): Promise<Session> {
  const { issuer, audience, accessTokenSeconds } = ctx.config.auth;
  const nowSeconds = Math.floor(ctx.clock.now() / 1000);
  const accessToken = await new SignJWT({ sid: token.familyId, name: account.displayName })
    .setProtectedHeader({ alg: "EdDSA", kid: ctx.keys.kid, typ: "JWT" })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(account.id)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + accessTokenSeconds)
    .setJti(crypto.randomUUID())
    .sign(ctx.keys.privateKey);
  return {
    user: toMe(account, ctx.clock.now()),
    accessToken,
    refreshToken: formatRefreshToken(token),
    expiresInSeconds: accessTokenSeconds,
  };
}
