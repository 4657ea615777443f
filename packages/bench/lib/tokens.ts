import { importJWK, SignJWT } from "jose";

/** Signs tokens as the message service would, for people who never registered. */
export async function createMint(
  signingKey: string,
  { issuer, audience }: { issuer: string; audience: string },
): Promise<(userId: string) => Promise<string>> {
  const key = await importJWK(JSON.parse(signingKey), "EdDSA");
  return (userId) =>
    new SignJWT({})
      .setProtectedHeader({ alg: "EdDSA" })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject(userId)
      .setIssuedAt()
      .setExpirationTime("3h")
      .sign(key);
}
