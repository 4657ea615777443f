import { createManualClock } from "@confab/testkit";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Place } from "./harness.ts";

let place: Place;
let service: MessageService;
beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

const register = (body: object) => service.call("POST", "/v1/auth/register", { body });
const login = (username: string, password: string) =>
  service.call("POST", "/v1/auth/login", { body: { username, password } });

describe("an account", () => {
  it("is made, signed in, and known under one form of its name", async () => {
    const made = await register({
      username: "  Alice.B ",
      password: "open sesame",
      displayName: " Alice ",
      email: "Alice@Example.com",
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        user: { username: "alice.b", displayName: "Alice", email: "alice@example.com", kind: "human" },
        expiresInSeconds: 900,
      },
    });
    expect(JSON.stringify(made.body)).not.toContain("argon2");
    for (const name of ["alice.b", "ALICE.B", "alice@example.com"]) {
      expect(await login(name, "open sesame")).toMatchObject({
        status: 200,
        body: { user: { username: "alice.b" } },
      });
    }
  });

  it("is the only one of its username and address, also when two are made at once", async () => {
    const email = "twin@example.com";
    const twins = await Promise.all(
      Array.from({ length: 6 }, () => register({ username: "twin", password: "12345678" })),
    );
    expect(twins.map((answer) => answer.status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
    expect(twins.find((answer) => answer.status === 409)?.body).toMatchObject({
      code: "conflict",
      reason: "username_taken",
    });
    await register({ username: "twin-a", password: "12345678", email });
    expect(
      await register({ username: "twin-b", password: "12345678", email: email.toUpperCase() }),
    ).toMatchObject({
      status: 409,
      body: { reason: "email_taken" },
    });
  });

  it.each([
    [{ username: "a", password: "12345678" }, "invalid:username"],
    [{ username: "has space", password: "12345678" }, "invalid:username"],
    [{ username: ["x"], password: "12345678" }, "invalid:username"],
    [{ username: "short-pw", password: "1234567" }, "invalid:password"],
    [{ username: "bad-mail", password: "12345678", email: "nobody" }, "invalid:email"],
    [{ username: "extra", password: "12345678", kind: "service" }, "invalid:payload"],
    ["[]", "invalid:payload"],
    ["null", "invalid:payload"],
  ])("is refused for %j", async (body, reason) => {
    const answer = await service.call("POST", "/v1/auth/register", { body });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid", reason } });
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
  });

  it("gives the same answer to a wrong password and to somebody unknown", async () => {
    await register({ username: "carol", password: "the right one" });
    const wrong = await login("carol", "the wrong one");
    const unknown = await login("nobody-here", "the wrong one");
    expect(wrong).toMatchObject({
      status: 401,
      body: { code: "unauthenticated", reason: "bad_credentials" },
    });
    const { requestId: _, ...expected } = wrong.body;
    expect(unknown.body).toMatchObject(expected);
  });

  it("cannot be entered without a password of its own", async () => {
    await place.stores.query(
      "INSERT INTO users (id, username, display_name, created_at) VALUES ('host:1', 'hosted', 'Hosted', NOW(3))",
    );
    for (const password of ["", "null", "undefined"])
      expect((await login("hosted", password)).status).toBe(401);
  });
});

describe("too much at once", () => {
  const start = (limits: object, clock = createManualClock(Date.now())) =>
    place.start({ MESSAGE_RATE_LIMITS: JSON.stringify(limits) }, { clock });

  it("stops guesses at one account from one address, and only failures count", async () => {
    await register({ username: "guarded", password: "12345678" });
    const clock = createManualClock(Date.now());
    await using strict = await start({ login: { burst: 3, perSecond: 0.01 } }, clock);
    const attempt = (password: string, username = "guarded") =>
      strict.call("POST", "/v1/auth/login", { body: { username, password } });

    for (let n = 0; n < 8; n++) expect((await attempt("12345678")).status).toBe(200);
    for (let n = 0; n < 3; n++) expect((await attempt("wrong")).status).toBe(401);
    const refused = await attempt("12345678");
    expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited", reason: "limit:login" } });
    expect(refused.body.retryAfterMs).toBeGreaterThan(0);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await attempt("wrong", "somebody-else")).status).toBe(401);
    clock.advance(400_000);
    expect((await attempt("12345678")).status).toBe(200);
  });

  it("lets no burst of guesses through before the first has failed", async () => {
    await using strict = await start({ login: { burst: 3, perSecond: 0.0001 } });
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        strict.call("POST", "/v1/auth/login", { body: { username: "burst", password: `guess-${n}` } }),
      ),
    );
    expect(answers.filter((answer) => answer.status === 401)).toHaveLength(3);
    expect(answers.filter((answer) => answer.status === 429)).toHaveLength(9);
  });

  it("stops registrations by address, which a trusted proxy names", async () => {
    await using strict = await start({ register: { burst: 2, perSecond: 0.001 } });
    const from = (address: string, n: number) =>
      strict.call("POST", "/v1/auth/register", {
        body: { username: `flood-${address.replaceAll(/\W/g, "")}-${n}`, password: "12345678" },
        headers: { "x-forwarded-for": address },
      });
    expect((await from("192.0.2.1", 1)).status).toBe(201);
    expect((await from("192.0.2.1", 2)).status).toBe(201);
    expect((await from("192.0.2.1", 3)).status).toBe(429);
    expect((await from("192.0.2.2", 1)).status).toBe(201);
    // One customer's IPv6 addresses count as one.
    expect((await from("2001:db8::1", 1)).status).toBe(201);
    expect((await from("2001:db8::2", 2)).status).toBe(201);
    expect((await from("2001:db8::3", 3)).status).toBe(429);
  });

  it("believes no X-Forwarded-For where nobody is trusted", async () => {
    await using strict = await place.start({
      MESSAGE_TRUST_PROXY: "none",
      MESSAGE_RATE_LIMITS: JSON.stringify({ register: { burst: 1, perSecond: 0.001 } }),
      REDIS_PREFIX: `${place.prefix}-none`,
    });
    const from = (address: string) =>
      strict.call("POST", "/v1/auth/register", {
        body: { username: `liar-${address}`, password: "12345678" },
        headers: { "x-forwarded-for": address },
      });
    expect((await from("192.0.2.1")).status).toBe(201);
    expect((await from("192.0.2.2")).status).toBe(429);
  });
});

describe("an access token", () => {
  it("says who, for whom, from whom, until when, and is signed with the published key", async () => {
    const { accessToken, user } = (await register({ username: "claims", password: "12345678" })).body;
    const claims = decodeJwt(accessToken);
    expect(claims).toMatchObject({ iss: "confab", aud: "confab-tests", sub: user.id, name: "claims" });
    expect(claims.sid).toMatch(/^[0-9a-f-]{36}$/);
    expect(claims.jti).toBeTypeOf("string");
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(900);
    const { body } = await service.call("GET", "/.well-known/jwks.json");
    expect(decodeProtectedHeader(accessToken)).toMatchObject({ alg: "EdDSA", kid: body.keys[0].kid });
    expect(body.keys).toHaveLength(1);
    expect(body.keys[0]).not.toHaveProperty("d");
  });

  it("stays good when its key was retired, and its session goes on", async () => {
    const { accessToken, refreshToken } = (await register({ username: "rotated", password: "12345678" }))
      .body;
    const { d: _, ...retired } = JSON.parse(place.signingKey);
    const other = await createPlace();
    await using later = await place.start({
      AUTH_SIGNING_KEY: other.signingKey,
      AUTH_RETIRED_KEYS: JSON.stringify([retired]),
    });
    await other[Symbol.asyncDispose]();
    expect((await later.call("GET", "/v1/me", { token: accessToken })).status).toBe(200);
    expect((await later.call("GET", "/.well-known/jwks.json")).body.keys).toHaveLength(2);
    const refresh = (text: string) =>
      later.call("POST", "/v1/auth/refresh", { body: { refreshToken: text } });
    const next = await refresh(refreshToken);
    expect((await later.call("GET", "/v1/me", { token: next.body.accessToken })).status).toBe(200);
    expect((await refresh(next.body.refreshToken)).status).toBe(200);
    await using without = await place.start({ AUTH_SIGNING_KEY: other.signingKey });
    expect((await without.call("GET", "/v1/me", { token: accessToken })).status).toBe(401);
  });
});

describe("one's own profile", () => {
  it("is read and changed, and the e-mail address stays with its owner", async () => {
    const me = await service.person("profile");
    const other = await service.person("profile-reader");
    expect(
      (await me.patch("/v1/me", { displayName: "  Pat ", avatarUrl: "https://a.example/p.png" })).body,
    ).toMatchObject({ displayName: "Pat", avatarUrl: "https://a.example/p.png" });
    expect((await me.patch("/v1/me", { avatarUrl: null })).body).toMatchObject({
      displayName: "Pat",
      avatarUrl: null,
    });
    const seen = (await other.get(`/v1/users/${me.id}`)).body;
    expect(seen).toEqual({
      id: me.id,
      username: "profile",
      displayName: "Pat",
      avatarUrl: null,
      kind: "human",
    });
    expect(await other.get("/v1/users/999999999")).toMatchObject({
      status: 404,
      body: { code: "not_found" },
    });
  });

  it.each([{ displayName: "" }, { displayName: 7 }, { avatarUrl: "javascript:alert(1)" }, { kind: "bot" }])(
    "refuses %j",
    async (change) => {
      const me = await service.person();
      expect((await me.patch("/v1/me", change)).status).toBe(400);
    },
  );
});

describe("the search for people", () => {
  it("finds names and usernames by their beginning, page by page, and no more than that", async () => {
    const me = await service.person("seeker");
    for (const [n, name] of ["Zoë Zander", "Zoe Ziegler", "zoey", "Zoe Ziegler", "Xzoe"].entries()) {
      await register({
        username: `u${n}-zzz`,
        password: "12345678",
        displayName: name,
        email: `z${n}@x.example`,
      });
    }
    await register({ username: "zoeby-username", password: "12345678", displayName: "Anna" });
    const all = (await me.get("/v1/users?query=ZOE")).body;
    expect(all.items.map((user: { displayName: string }) => user.displayName)).toEqual([
      "Anna",
      "Zoë Zander",
      "Zoe Ziegler",
      "Zoe Ziegler",
      "zoey",
    ]);
    expect(all.nextCursor).toBeNull();
    expect(JSON.stringify(all)).not.toContain("@x.example");

    const paged: string[] = [];
    for (let cursor: string | null = ""; cursor !== null; ) {
      const page = await me.get(
        `/v1/users?query=zoe&limit=1${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      paged.push(...page.body.items.map((user: { id: string }) => user.id));
      cursor = page.body.nextCursor;
    }
    expect(paged).toEqual(all.items.map((user: { id: string }) => user.id));
  });

  it("takes no wildcard, no false cursor, and shows no services", async () => {
    const me = await service.person("seeker2");
    expect((await me.get("/v1/users?query=%25")).body.items).toEqual([]);
    expect((await me.get("/v1/users?query=_eeker")).body.items).toEqual([]);
    expect((await me.get("/v1/users?cursor=nobody")).status).toBe(400);
    expect((await me.get("/v1/users?limit=1000")).status).toBe(400);
    await place.stores.query(
      "INSERT INTO users (id, display_name, kind, created_at) VALUES ('svc', 'Hidden Service', 'service', NOW(3))",
    );
    expect((await me.get("/v1/users?query=Hidden")).body.items).toEqual([]);
    const everybody = (await me.get("/v1/users?limit=100")).body.items;
    expect(everybody.length).toBeGreaterThan(5);
  });
});
