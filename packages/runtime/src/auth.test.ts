import { createLocalJWKSet, exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, describe, expect, it } from "vitest";
import { bearerToken, createTokenVerifier, rememberTokens, type TokenVerifier } from "./auth.ts";

let verify: TokenVerifier;
let privateKey: Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];
const ISSUER = { issuer: "confab", audience: "confab", jwksUrl: "http://127.0.0.1:1/never-asked" };

beforeAll(async () => {
  const pair = await generateKeyPair("EdDSA");
  privateKey = pair.privateKey;
  const keys = createLocalJWKSet({
    keys: [{ ...(await exportJWK(pair.publicKey)), alg: "EdDSA", kid: "1" }],
  });
  verify = createTokenVerifier([{ ...ISSUER, keys }]);
});

const token = (claims: Record<string, unknown>, expires = "5m") =>
  new SignJWT({ iss: "confab", aud: "confab", sub: "alice", ...claims })
    .setProtectedHeader({ alg: "EdDSA", kid: "1" })
    .setIssuedAt()
    .setExpirationTime(expires)
    .sign(privateKey);

describe("createTokenVerifier", () => {
  it("says who it is", async () => {
    expect(await verify(await token({ sid: "s1", name: "Alice" }))).toMatchObject({
      userId: "alice",
      sessionId: "s1",
      name: "Alice",
    });
  });

  it.each([
    ["of another issuer", { iss: "elsewhere" }],
    ["for another audience", { aud: "elsewhere" }],
    ["of nobody", { sub: undefined }],
    ["of somebody who cannot be", { sub: "no spaces allowed" }],
  ])("refuses a token %s", async (_what, claims) => {
    await expect(verify(await token(claims))).rejects.toMatchObject({
      code: "unauthenticated",
      reason: "token_invalid",
    });
  });

  it("tells an expired token from a wrong one", async () => {
    await expect(verify(await token({}, "-1m"))).rejects.toMatchObject({ reason: "token_expired" });
  });

  it("refuses tokens without a signature and tokens signed with a shared secret", async () => {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    const claims = { iss: "confab", aud: "confab", sub: "alice", iat: 1, exp: 4e9 };
    const unsigned = `${encode({ alg: "none" })}.${encode(claims)}.`;
    await expect(verify(unsigned)).rejects.toMatchObject({ code: "unauthenticated" });
    const shared = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: "1" })
      .sign(new TextEncoder().encode("a shared secret of thirty-two bytes"));
    await expect(verify(shared)).rejects.toMatchObject({ code: "unauthenticated" });
    await expect(verify("not a token")).rejects.toMatchObject({ code: "unauthenticated" });
  });

  it("is unavailable, not refusing, while it cannot have the keys", async () => {
    const alone = createTokenVerifier([ISSUER]);
    await expect(alone(await token({}))).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("rememberTokens", () => {
  const counting = () => {
    let nowMs = Date.now();
    let calls = 0;
    const remembering = rememberTokens(
      (text) => {
        calls += 1;
        return verify(text);
      },
      { now: () => nowMs },
    );
    const wait = (ms: number) => {
      nowMs += ms;
    };
    return { remembering, calls: () => calls, wait };
  };

  it("verifies a token once, and each of several for itself", async () => {
    const { remembering, calls } = counting();
    const [first, second] = [await token({ sid: "s1" }), await token({ sid: "s2" })];
    for (const sessionId of ["s1", "s1"]) expect(await remembering(first)).toMatchObject({ sessionId });
    expect(await remembering(second)).toMatchObject({ sessionId: "s2" });
    expect(calls()).toBe(2);
  });

  it("verifies it again once it has expired", async () => {
    const { remembering, calls, wait } = counting();
    const brief = await token({}, "30s");
    await remembering(brief);
    wait(31_000);
    await remembering(brief);
    expect(calls()).toBe(2);
  });

  it("remembers no refusal", async () => {
    const { remembering, calls } = counting();
    const expired = await token({}, "-1m");
    const refusal = { reason: "token_expired" };
    for (const _ of [1, 2]) await expect(remembering(expired)).rejects.toMatchObject(refusal);
    expect(calls()).toBe(2);
  });
});

it("reads bearer headers only", () => {
  expect(bearerToken("Bearer abc")).toBe("abc");
  for (const header of [undefined, "", "Basic abc", "Bearer a b"]) {
    expect(() => bearerToken(header)).toThrow(expect.objectContaining({ reason: "token_missing" }));
  }
});
