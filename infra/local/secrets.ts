import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from "jose";

export interface Secrets {
  /** Shared by the services for their /internal routes. */
  internalToken: string;
  /** A private Ed25519 JWK as JSON; only the message service holds it. */
  authSigningKey: string;
}

export async function createSecrets(): Promise<Secrets> {
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const jwk = await exportJWK(privateKey);
  const kid = await calculateJwkThumbprint(jwk);
  return {
    internalToken: randomBytes(32).toString("base64url"),
    authSigningKey: JSON.stringify({ ...jwk, kid, alg: "EdDSA", use: "sig" }),
  };
}

/** The secrets of this checkout, made once and kept: a new key at every start would sign everybody out. */
export async function loadSecrets(file: string): Promise<Secrets> {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" && !(error instanceof SyntaxError)) throw error;
  }
  const secrets = await createSecrets();
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}
