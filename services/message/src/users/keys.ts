import { hkdfSync } from "node:crypto";
import { type CryptoKey, calculateJwkThumbprint, importJWK, type JWK } from "jose";
import type { MessageConfig } from "../config.ts";

export interface SigningKeys {
  /** Signs access tokens. */
  privateKey: CryptoKey;
  kid: string;
  /** The key set that the world checks them with: the present key first, then those that are retired. */
  jwks: { keys: JWK[] };
  /** Refresh tokens are derived with it; it comes from the signing key, whose holder could make sessions anyway. */
  refreshKey: Buffer;
}

/** The public half, named by its thumbprint (RFC 7638), so that a key's name cannot be chosen. */
async function publish({ kty, crv, x }: { kty: "OKP"; crv: "Ed25519"; x: string }): Promise<JWK> {
  const key = { kty, crv, x };
  return { ...key, kid: await calculateJwkThumbprint(key), alg: "EdDSA", use: "sig" };
}

/** Throws when a key of the configuration is not an Ed25519 key. */
export async function createKeys(
  config: Pick<MessageConfig["auth"], "signingKey" | "retiredKeys">,
): Promise<SigningKeys> {
  const current = await publish(config.signingKey);
  const retired = await Promise.all(config.retiredKeys.map(publish));
  const seed = Buffer.from(config.signingKey.d, "base64url");
  return {
    privateKey: (await importJWK(config.signingKey, "EdDSA")) as CryptoKey,
    kid: current.kid as string,
    jwks: { keys: [current, ...retired.filter((key) => key.kid !== current.kid)] },
    refreshKey: Buffer.from(hkdfSync("sha256", seed, "", "confab refresh tokens", 32)),
  };
}
