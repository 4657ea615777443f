/**
 * A refresh token is `<family>.<secret>`: the session that it belongs to, and 32 bytes, of which 16 are its own and
 * 16 a MAC over those and the family. The MAC tells a token that was ever ours from one that somebody made up, so
 * that reuse of an old one ends its session while a guess does not. Only the secret's SHA-256 is stored.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

export interface RefreshToken {
  familyId: string;
  secret: Buffer;
}

const SHAPE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{43})$/;
const HALF = 16;

const mac = (key: Buffer, purpose: string, familyId: string, bytes: Buffer): Buffer =>
  createHmac("sha256", key).update(`${purpose} ${familyId} `).update(bytes).digest().subarray(0, HALF);

const withMac = (key: Buffer, familyId: string, own: Buffer): RefreshToken => ({
  familyId,
  secret: Buffer.concat([own, mac(key, "genuine", familyId, own)]),
});

/** The first token of a session. */
export const mintRefreshToken = (key: Buffer, familyId: string): RefreshToken =>
  withMac(key, familyId, randomBytes(HALF));

/** The token that replaces this one: always the same, so that asking twice gives the same answer. */
export const successorOf = (key: Buffer, { familyId, secret }: RefreshToken): RefreshToken =>
  withMac(key, familyId, mac(key, "next", familyId, secret));

export function isGenuine(key: Buffer, { familyId, secret }: RefreshToken): boolean {
  return timingSafeEqual(secret.subarray(HALF), mac(key, "genuine", familyId, secret.subarray(0, HALF)));
}

export const formatRefreshToken = ({ familyId, secret }: RefreshToken): string =>
  `${familyId}.${secret.toString("base64url")}`;

export function parseRefreshToken(text: string): RefreshToken | undefined {
  const [, familyId, secret] = SHAPE.exec(text) ?? [];
  if (!familyId || !secret) return undefined;
  return { familyId, secret: Buffer.from(secret, "base64url") };
}

export const hashOf = ({ secret }: RefreshToken): Buffer => createHash("sha256").update(secret).digest();
