import { createHash } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createManualClock, type ManualClock, until } from "@confab/testkit";
import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pruneSessions } from "../src/users/prune.ts";
import {
  AUDIENCE,
  createPlace,
  INTERNAL_TOKEN,
  ISSUER,
  type MessageService,
  type Person,
  type Place,
} from "./harness.ts";

let place: Place;
let clock: ManualClock;
let service: MessageService;
beforeAll(async () => {
  place = await createPlace();
  clock = createManualClock(Date.now());
  service = await place.start({}, { clock });
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

const refresh = (refreshToken: unknown) =>
  service.call("POST", "/v1/auth/refresh", { body: { refreshToken } });
const logout = (refreshToken: unknown) => service.call("POST", "/v1/auth/logout", { body: { refreshToken } });
const me = (token: string) => service.call("GET", "/v1/me", { token });
const familyOf = ({ refreshToken }: { refreshToken: string }) => refreshToken.split(".")[0] as string;
const rowOf = async (session: { refreshToken: string }) =>
  (await place.stores.query("SELECT * FROM refresh_tokens WHERE family_id = ?", [familyOf(session)]))[0];
const isRevoked = (session: { refreshToken: string }) =>
  place.gateway.revoked.some(({ sessionId }) => sessionId === familyOf(session));

describe("a refresh token", () => {
  it("is replaced when it is used, and stored as a hash only", async () => {
    const first = await service.person();
    const second = await refresh(first.refreshToken);
    expect(second).toMatchObject({ status: 200, body: { user: { id: first.id }, expiresInSeconds: 900 } });
    expect(second.body.refreshToken).not.toBe(first.refreshToken);
    expect((await me(second.body.accessToken)).status).toBe(200);
    const secret = Buffer.from(second.body.refreshToken.split(".")[1], "base64url");
    const stored = (await rowOf(first))?.token_hash as Uint8Array;
    expect(Buffer.from(stored)).toEqual(createHash("sha256").update(secret).digest());
    expect(decodeJwt(second.body.accessToken).sid).toBe(familyOf(first));
    expect((await refresh(second.body.refreshToken)).status).toBe(200);
  });

  it("rotates once, whoever asks at the same time: all get the same successor", async () => {
    const person = await service.person();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(person.refreshToken)));
    expect(answers.map((answer) => answer.status)).toEqual(Array(20).fill(200));
    const successors = new Set(answers.map((answer) => answer.body.refreshToken));
    expect(successors.size).toBe(1);
    const [successor] = successors;
    expect((await refresh(successor)).status).toBe(200);
    expect((await rowOf(person))?.revoked_at).toBeNull();
  });

  it("survives a lost answer: the same one works again for ten seconds", async () => {
    const person = await service.person();
    const lost = await refresh(person.refreshToken);
    clock.advance(9_000);
    const again = await refresh(person.refreshToken);
    expect(again).toMatchObject({ status: 200, body: { refreshToken: lost.body.refreshToken } });
    clock.advance(60_000);
    expect((await refresh(again.body.refreshToken)).status).toBe(200);
  });

  it("ends the session when it comes again later, and closes its sockets", async () => {
    const person = await service.person();
    const next = (await refresh(person.refreshToken)).body;
    clock.advance(10_001);
    expect(await refresh(person.refreshToken)).toMatchObject({
      status: 401,
      body: { code: "unauthenticated", reason: "refresh_token_reused" },
    });
    expect((await refresh(next.refreshToken)).status).toBe(401);
    expect(await me(next.accessToken)).toMatchObject({ status: 401, body: { reason: "session_ended" } });
    await until(() => isRevoked(person), { describe: "the gateways are told" });
  });

  it("ends the session also when it is older than the last one", async () => {
    const person = await service.person();
    const second = (await refresh(person.refreshToken)).body;
    const third = (await refresh(second.refreshToken)).body;
    expect((await refresh(person.refreshToken)).body.reason).toBe("refresh_token_reused");
    expect((await refresh(third.refreshToken)).status).toBe(401);
  });

  it("ends nothing when it is a guess at somebody's session", async () => {
    const person = await service.person();
    const guess = `${familyOf(person)}.${Buffer.alloc(32, 7).toString("base64url")}`;
    expect(await refresh(guess)).toMatchObject({ status: 401, body: { reason: "refresh_token_invalid" } });
    expect((await logout(guess)).status).toBe(204);
    expect((await refresh(person.refreshToken)).status).toBe(200);
  });

  it("ends with its days, and use renews them", async () => {
    const days = 86_400_000;
    const person = await service.person();
    clock.advance(29 * days);
    const renewed = await refresh(person.refreshToken);
    expect(renewed.status).toBe(200);
    clock.advance(29 * days);
    const again = await refresh(renewed.body.refreshToken);
    expect(again.status).toBe(200);
    clock.advance(30 * days);
    expect(await refresh(again.body.refreshToken)).toMatchObject({
      status: 401,
      body: { reason: "refresh_token_invalid" },
    });
    clock.set(Date.now());
  });

  it.each(["", "x", "..", `${crypto.randomUUID()}.${"A".repeat(43)}`, 7, null, { $gt: "" }])(
    "is not %j",
    async (token) => {
      expect((await refresh(token)).status).toBe(typeof token === "string" ? 401 : 400);
    },
  );
});

describe("sessions that ended", () => {
  it("are forgotten days later, and only those", async () => {
    const [ended, lasting] = [await service.person(), await service.person()];
    const expire = (session: { refreshToken: string }, days: number) =>
      place.stores.query("UPDATE refresh_tokens SET expires_at = ? WHERE family_id = ?", [
        new Date(clock.now() - days * 86_400_000),
        familyOf(session),
      ]);
    await expire(ended, 3);
    await expire(lasting, 1);
    await pruneSessions({ sql: place.stores.sql, clock });
    expect(await rowOf(ended)).toBeUndefined();
    expect(await rowOf(lasting)).toBeDefined();
  });
});

describe("signing out", () => {
  it("ends one session for its sockets, its refresh token and its access token, and no other", async () => {
    const person = await service.person("two-devices");
    const body = { username: "two-devices", password: "correct horse" };
    const phone = (await service.call("POST", "/v1/auth/login", { body })).body;
    expect((await me(person.accessToken)).status).toBe(200);
    expect((await logout(person.refreshToken)).status).toBe(204);
    expect((await logout(person.refreshToken)).status).toBe(204);
    expect((await refresh(person.refreshToken)).status).toBe(401);
    expect(await me(person.accessToken)).toMatchObject({ status: 401, body: { reason: "session_ended" } });
    await until(() => isRevoked(person));
    expect((await me(phone.accessToken)).status).toBe(200);
    expect(isRevoked(phone)).toBe(false);
  });

  it("is known at once to a gateway that asks, whichever process it asks", async () => {
    const [person, another] = [await service.person(), await service.person()];
    await using other = await place.start();
    const ask = () => other.call("GET", "/v1/me", { token: person.accessToken });
    expect((await ask()).status).toBe(200);
    await logout(person.refreshToken);
    const sessionIds = [familyOf(person), familyOf(another), "of nobody"];
    const body = { userIds: [person.id], sessionIds };
    const answer = await other.call("POST", "/internal/revisions", { token: INTERNAL_TOKEN, body });
    expect(answer.body.endedSessionIds).toEqual([familyOf(person), "of nobody"]);
    expect((await ask()).status).toBe(401);
  });

  it("is noticed by another process", async () => {
    const person = await service.person();
    await using other = await place.start();
    const ask = () => other.call("GET", "/v1/me", { token: person.accessToken });
    expect((await ask()).status).toBe(200);
    await logout(person.refreshToken);
    await until(async () => (await ask()).status === 401, { timeoutMs: 20_000, everyMs: 200 });
  });
});

describe("an access token that is not good", () => {
  // What a token says is held against the time of day, which the test's clock has stood still behind.
  const now = () => Math.floor(Date.now() / 1000);
  const claims = (more: object = {}) => ({
    iss: ISSUER,
    aud: AUDIENCE,
    sub: "1001",
    iat: now(),
    exp: now() + 60,
    ...more,
  });
  const signed = async (payload: object, header: object = {}) => {
    const key = JSON.parse(place.signingKey);
    const kid = await calculateJwkThumbprint({ kty: key.kty, crv: key.crv, x: key.x });
    return new SignJWT({ ...payload })
      .setProtectedHeader({ alg: "EdDSA", kid, ...header })
      .sign(place.privateKey);
  };
  const withoutSignature = async () => new UnsecuredJWT(claims()).encode();
  const withPublicKeyAsSecret = async () => {
    const { x } = JSON.parse(place.signingKey);
    return new SignJWT(claims()).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(x, "base64url"));
  };
  const byAStranger = async (header: object = {}) => {
    const { privateKey, publicKey } = await generateKeyPair("EdDSA", { crv: "Ed25519" });
    const jwk = await exportJWK(publicKey);
    return new SignJWT(claims()).setProtectedHeader({ alg: "EdDSA", jwk, ...header }).sign(privateKey);
  };
  const changed = async () => {
    const [head, , signature] = (await signed(claims())).split(".");
    const other = Buffer.from(JSON.stringify(claims({ sub: "1002" }))).toString("base64url");
    return `${head}.${other}.${signature}`;
  };

  it("has a good twin", async () => {
    expect((await me(await signed(claims()))).status).toBe(200);
  });

  it.each<[string, () => Promise<string>, string]>([
    ["is expired", () => signed(claims({ iat: now() - 900, exp: now() - 60 })), "token_expired"],
    ["is for another audience", () => signed(claims({ aud: "elsewhere" })), "token_invalid"],
    ["comes from an unknown issuer", () => signed(claims({ iss: "https://evil.example" })), "token_invalid"],
    ["is for nobody", () => signed(claims({ sub: undefined })), "token_invalid"],
    ["is for an impossible id", () => signed(claims({ sub: "../1001" })), "token_invalid"],
    ["never ends", () => signed(claims({ exp: undefined })), "token_invalid"],
    ["has no signature (alg none)", withoutSignature, "token_invalid"],
    ["is signed with the public key as a secret (HS256)", withPublicKeyAsSecret, "token_invalid"],
    ["brings its own key (jwk)", () => byAStranger(), "token_invalid"],
    ["names its own key set (jku)", () => byAStranger({ jku: "https://evil.example/jwks" }), "token_invalid"],
    ["was changed", changed, "token_invalid"],
    ["is no token", async () => "abc", "token_invalid"],
  ])("%s", async (_, make, reason) => {
    expect(await me(await make())).toMatchObject({ status: 401, body: { code: "unauthenticated", reason } });
  });

  it("is missing, or is in the wrong scheme or place", async () => {
    const token = await signed(claims());
    const wrong: Record<string, string>[] = [
      {},
      { authorization: "" },
      { authorization: `Basic ${token}` },
      { authorization: token },
    ];
    for (const headers of wrong) {
      expect(await service.call("GET", "/v1/me", { headers })).toMatchObject({
        status: 401,
        body: { reason: "token_missing" },
      });
    }
    expect((await service.call("GET", `/v1/me?token=${token}`)).status).toBe(401);
  });
});

describe("an outside issuer", () => {
  it("signs people in who are then known by the profile that it gave", async () => {
    const { privateKey, publicKey } = await generateKeyPair("ES256");
    const jwk = { ...(await exportJWK(publicKey)), kid: "host-1", alg: "ES256" };
    const host = createServer((_request, response) => response.end(JSON.stringify({ keys: [jwk] })));
    await new Promise<void>((resolve) => host.listen(0, "127.0.0.1", resolve));
    const jwksUrl = `http://127.0.0.1:${(host.address() as AddressInfo).port}/keys`;
    const issuer = "https://host.example";
    await using hosted = await place.start({
      AUTH_ISSUERS: JSON.stringify([{ issuer, audience: "chat", jwksUrl }]),
    });
    const sign = (more: object) =>
      new SignJWT({
        sub: "user@host.example",
        name: "Hanna Host",
        picture: "https://host.example/h.png",
        sid: "theirs",
        ...more,
      })
        .setProtectedHeader({ alg: "ES256", kid: "host-1" })
        .setIssuer(issuer)
        .setAudience("chat")
        .setIssuedAt()
        .setExpirationTime("5m")
        .sign(privateKey);

    const token = await sign({});
    const asked = await Promise.all(Array.from({ length: 5 }, () => hosted.call("GET", "/v1/me", { token })));
    expect(asked.map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
    expect(asked[0]?.body).toMatchObject({
      id: "user@host.example",
      username: null,
      displayName: "Hanna Host",
      avatarUrl: "https://host.example/h.png",
      kind: "human",
    });
    const nameless = await sign({ sub: "nameless", name: undefined, picture: "javascript:alert(1)" });
    expect((await hosted.call("GET", "/v1/me", { token: nameless })).body).toMatchObject({
      displayName: "nameless",
      avatarUrl: null,
    });
    host.close();
  });
});

describe("service tokens and people's tokens", () => {
  it("do not stand in for each other", async () => {
    const person: Person = await service.person();
    const asService = await service.call("POST", "/v1/publish", {
      token: person.accessToken,
      body: { items: [] },
    });
    expect(asService).toMatchObject({ status: 403, body: { reason: "service_token_required" } });
    const token = `cfs_${"0".repeat(16)}_${"A".repeat(43)}`;
    expect(await me(token)).toMatchObject({ status: 403, body: { reason: "user_token_required" } });
    for (const wrong of [token, "cfs_", "cfs_x_y", `${token}A`]) {
      expect(await service.call("POST", "/v1/publish", { token: wrong, body: { items: [] } })).toMatchObject({
        status: 401,
        body: { reason: "token_invalid" },
      });
    }
  });
});
