import { hash } from "node:crypto";
import { ChatError, UserId } from "@confab/contract";
import { createRemoteJWKSet, decodeJwt, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { LRUCache } from "lru-cache";
import type { Clock } from "./clock.ts";
import type { Issuer } from "./config.ts";

/** What a valid access token says. Times in seconds since 1970, as in the token. */
export interface TokenClaims {
  userId: UserId;
  issuer: string;
  /** The issuer's name for the session, for revocation. */
  sessionId: string | undefined;
  expiresAtSeconds: number;
  name: string | undefined;
  picture: string | undefined;
}

export type TokenVerifier = (token: string) => Promise<TokenClaims>;

/** Asymmetric only: a shared secret could be confused with a public key. */
const ALGORITHMS = ["EdDSA", "ES256", "RS256"];

const text = (value: unknown, longest: number): string | undefined =>
  typeof value === "string" && value !== "" ? value.slice(0, longest) : undefined;

/**
 * Checks access tokens of any of the issuers: signature against its key set (fetched at most twice a minute,
 * and kept through an outage), issuer, audience, expiry.
 * Errors: `unauthenticated` with reason `token_missing`, `token_expired` or `token_invalid`; `unavailable` when
 * the keys cannot be had.
 */
export function createTokenVerifier(issuers: (Issuer & { keys?: JWTVerifyGetKey })[]): TokenVerifier {
  const byIssuer = new Map(
    issuers.map((entry) => [
      entry.issuer,
      {
        audience: entry.audience,
        keys:
          entry.keys ??
          createRemoteJWKSet(new URL(entry.jwksUrl), {
            timeoutDuration: 3000,
            cooldownDuration: 30_000,
            cacheMaxAge: 600_000,
          }),
      },
    ]),
  );
  return async (token) => {
    try {
      const issuer = decodeJwt(token).iss ?? "";
      const known = byIssuer.get(issuer);
      if (!known) throw new ChatError("unauthenticated", { reason: "token_invalid" });
      const { payload } = await jwtVerify(token, known.keys, {
        algorithms: ALGORITHMS,
        issuer,
        audience: known.audience,
        clockTolerance: 5,
        requiredClaims: ["sub", "exp", "iat"],
      });
      const userId = UserId.safeParse(payload.sub);
      if (!userId.success) throw new ChatError("unauthenticated", { reason: "token_invalid" });
      return {
        userId: userId.data,
        issuer,
        sessionId: text(payload.sid, 64),
        expiresAtSeconds: payload.exp as number,
        name: text(payload.name, 100),
        picture: text(payload.picture, 2048),
      };
    } catch (error) {
      throw asChatError(error);
    }
  };
}

/** A key that its issuer withdraws is refused this much later than without remembering. */
const REMEMBERED_MS = 60_000;
const REMEMBERED_TOKENS = 10_000;

/**
 * Remembers whom it let in, by the token's hash, for a minute and never past the token's expiry: a signature costs as
 * much as the rest of a small request. Refusals are not remembered. Whether a session goes on is not the token's to
 * say, so the caller asks that every time.
 */
export function rememberTokens(verify: TokenVerifier, clock: Clock): TokenVerifier {
  const known = new LRUCache<string, TokenClaims>({ max: REMEMBERED_TOKENS, ttl: REMEMBERED_MS });
  return async (token) => {
    const key = hash("sha256", token, "base64");
    const remembered = known.get(key);
    if (remembered && clock.now() < remembered.expiresAtSeconds * 1000) return remembered;
    const claims = await verify(token);
    known.set(key, claims);
    return claims;
  };
}

function asChatError(error: unknown): ChatError {
  if (error instanceof ChatError) return error;
  if (error instanceof errors.JWTExpired) {
    return new ChatError("unauthenticated", { reason: "token_expired", cause: error });
  }
  const keysMissing = error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError);
  return keysMissing
    ? new ChatError("unavailable", { reason: "keys_unavailable", cause: error })
    : new ChatError("unauthenticated", { reason: "token_invalid", cause: error });
}

/** The token of an `Authorization: Bearer` header. @throws ChatError `unauthenticated` */
export function bearerToken(header: string | undefined): string {
  const match = /^Bearer ([^\s]{1,8192})$/i.exec(header ?? "");
  if (!match?.[1]) throw new ChatError("unauthenticated", { reason: "token_missing" });
  return match[1];
}
