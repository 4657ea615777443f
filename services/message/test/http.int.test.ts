import { createLogger } from "@confab/runtime";
import { createCut, startStopwatch, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";

let place: Place;
let service: MessageService;
let ann: Person;
beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  ann = await service.person("ann");
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

describe("a hostile request", () => {
  const token = () => ann.accessToken;
  const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    service.call("POST", path, { token: token(), body, headers });

  it.each([
    ["an unknown route", "GET", "/v1/nothing"],
    ["a wrong method", "DELETE", "/v1/me"],
    ["a path that climbs", "GET", "/v1/users/..%2f..%2fetc"],
    ["a route in another case", "GET", "/V1/me"],
  ])("finds nothing at %s", async (_, method, path) => {
    const answer = await service.call(method, path, { token: token() });
    expect([400, 404]).toContain(answer.status);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    expect(answer.body).toMatchObject({
      status: answer.status,
      requestId: answer.headers.get("x-request-id"),
    });
  });

  it.each([
    ["numbers for ids", { kind: "direct", userId: 7 }],
    ["operators for ids", { kind: "direct", userId: { $ne: null } }],
    ["a list for an id", { kind: "direct", userId: ["1001"] }],
    ["another kind", { kind: "channel", title: "x" }],
    ["SQL for an id", { kind: "direct", userId: "1' OR '1'='1" }],
    ["a field too many", { kind: "group", title: "x", memberIds: [], encrypted: true }],
    ["a blank title", { kind: "group", title: "  ", memberIds: [] }],
  ])("is refused with %s", async (_, body) => {
    expect(await post("/v1/conversations", body)).toMatchObject({ status: 400, body: { code: "invalid" } });
  });

  it("cannot reach a prototype", async () => {
    for (const body of [
      '{"__proto__":{"admin":true},"kind":"group","title":"x","memberIds":[]}',
      '{"kind":"group","title":"x","memberIds":[],"constructor":{"prototype":{"admin":true}}}',
    ]) {
      expect((await post("/v1/conversations", body)).status).toBe(400);
    }
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    expect(
      (await service.call("PATCH", "/v1/me", { token: token(), body: '{"__proto__":{"displayName":"x"}}' }))
        .status,
    ).toBe(400);
  });

  it.each([
    "/v1/conversations/0",
    "/v1/conversations/-1",
    "/v1/conversations/1e3",
    "/v1/conversations/99999999999999999",
  ])("is refused at %s", async (path) => expect((await ann.get(path)).status).toBe(400));

  it("is refused when it is no JSON, or says that it is something else", async () => {
    expect(await post("/v1/conversations", "{")).toMatchObject({ status: 400, body: { code: "invalid" } });
    expect(
      await post("/v1/conversations", "x=1", { "content-type": "application/x-www-form-urlencoded" }),
    ).toMatchObject({
      body: { code: "invalid" },
    });
  });

  it("is refused when it is too large, before anybody asks who sent it", async () => {
    const body = JSON.stringify({ username: "x", password: "p".repeat(300 * 1024) });
    expect(await service.call("POST", "/v1/auth/register", { body })).toMatchObject({
      status: 413,
      body: { code: "too_large", reason: "body_too_large" },
    });
    const { id } = (await post("/v1/conversations", { kind: "group", title: "x", memberIds: [] })).body;
    const message = { clientMessageId: crypto.randomUUID(), body: "é".repeat(8193) };
    expect(await post(`/v1/conversations/${id}/messages`, message)).toMatchObject({
      status: 413,
      body: { code: "too_large", reason: "too_large:body" },
    });
  });

  it("is counted against its person's limits, each by its own", async () => {
    const limits = { read: { burst: 2, perSecond: 0.001 }, register: { burst: 9, perSecond: 9 } };
    await using strict = await place.start({
      MESSAGE_RATE_LIMITS: JSON.stringify(limits),
      REDIS_PREFIX: `${place.prefix}-strict`,
    });
    const [ben, cat] = [await strict.person("limited"), await strict.person("unlimited")];
    expect((await ben.get("/v1/me")).status).toBe(200);
    expect((await ben.get("/v1/conversations")).status).toBe(200);
    expect(await ben.get("/v1/users")).toMatchObject({
      status: 429,
      body: { code: "rate_limited", reason: "limit:read", retryAfterMs: expect.any(Number) },
    });
    expect((await ben.patch("/v1/me", { displayName: "Ben" })).status).toBe(200);
    expect((await cat.get("/v1/me")).status).toBe(200);
  });
});

describe("the reference", () => {
  it("is served as a document that names every route, and as a page", async () => {
    const { status, body } = await service.call("GET", "/v1/openapi.json");
    expect(status).toBe(200);
    expect(body.openapi).toMatch(/^3\.1/);
    expect(body.paths["/v1/conversations/{conversationId}/members/{userId}"]).toHaveProperty("patch");
    const page = await fetch(`${service.url}/docs/`);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("swagger-ui");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'self'");
    expect((await service.call("GET", "/docs/json")).body.openapi).toMatch(/^3\.1/);
  });
});

describe("a log", () => {
  it("tells what happened, and never a password, a token, an address or what somebody wrote", async () => {
    const lines: string[] = [];
    const log = createLogger({ service: "message", level: "trace" }, { write: (line) => lines.push(line) });
    await using logged = await place.start({}, { log });
    const secrets = ["Tr0ub4dor-and-3", "dora@private.example", "words between two people"];
    const [password, email, body] = secrets as [string, string, string];
    const dora = (
      await logged.call("POST", "/v1/auth/register", { body: { username: "dora", password, email } })
    ).body;
    await logged.call("POST", "/v1/auth/register", { body: { username: "dora", password, email } });
    await logged.call("POST", "/v1/auth/register", { body: { username: "dora2", password, email } });
    await logged.call("POST", "/v1/auth/login", { body: { username: email, password: `${password}x` } });
    const token = dora.accessToken;
    const next = (
      await logged.call("POST", "/v1/auth/refresh", { body: { refreshToken: dora.refreshToken } })
    ).body;
    const third = (
      await logged.call("POST", "/v1/auth/refresh", { body: { refreshToken: next.refreshToken } })
    ).body;
    const made = await logged.call("POST", "/v1/conversations", {
      token,
      body: { kind: "direct", userId: ann.id },
    });
    await logged.call("POST", `/v1/conversations/${made.body.id}/messages`, {
      token,
      body: { clientMessageId: crypto.randomUUID(), body },
    });
    await logged.call("POST", "/v1/auth/refresh", { body: { refreshToken: dora.refreshToken } });
    await logged.call("GET", `/v1/me?token=${token}`);
    const text = lines.join("");
    expect(text).toContain("a used refresh token came again");
    for (const secret of [
      ...secrets,
      token,
      dora.refreshToken,
      next.refreshToken,
      next.accessToken,
      third.refreshToken,
    ]) {
      expect(secret).toBeTypeOf("string");
      expect(text).not.toContain(secret);
    }
  });
});

describe("without MySQL", () => {
  it("everything is refused as unavailable in time, and works again by itself", async () => {
    await using cut = await createCut(place.stores.mysqlUrl);
    await using behind = await place.start({ MYSQL_URL: cut.url });
    const ready = async () => (await behind.call("GET", "/readyz")).status;
    const ben = await behind.person("behind");
    expect(await ready()).toBe(200);
    await cut.cut();
    using waited = startStopwatch();
    const login = { username: "behind", password: "correct horse" };
    const answers = await Promise.all([
      behind.call("POST", "/v1/auth/login", { body: login }),
      behind.call("POST", "/v1/conversations", {
        token: ben.accessToken,
        body: { kind: "direct", userId: ann.id },
      }),
      behind.call("GET", "/v1/conversations", { token: ben.accessToken }),
    ]);
    expect(waited.awakeMs).toBeLessThan(8000);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 503, body: { code: "unavailable", reason: "database" } });
      expect(answer.headers.get("retry-after")).toBe("1");
    }
    await until(async () => (await ready()) === 503, {
      timeoutMs: 15_000,
      describe: "the process is not ready",
    });
    await cut.heal();
    await until(async () => (await ready()) === 200, { timeoutMs: 15_000, describe: "the process is ready" });
    expect((await ben.get("/v1/conversations")).status).toBe(200);
  }, 60_000);

  it("does not start, and says why", async () => {
    const url = place.stores.mysqlUrl.replace(/\/\/[^@]*@/, "//nobody:wrong@");
    await expect(place.start({ MYSQL_URL: url })).rejects.toThrow(/MySQL/);
  });
});

describe("without Redis", () => {
  it("people sign in, talk and read on", async () => {
    await using cut = await createCut(place.stores.redisRealtimeUrl);
    await using behind = await place.start({
      REDIS_REALTIME_URL: cut.url,
      REDIS_QUEUE_URL: cut.url,
      MESSAGE_RATE_LIMITS: "{}",
    });
    const ben = await behind.person("without-redis");
    await cut.cut();
    const made = await ben.post("/v1/conversations", {
      kind: "group",
      title: "Still here",
      memberIds: [ann.id],
    });
    expect(made.status).toBe(201);
    const sent = await ben.post(`/v1/conversations/${made.body.id}/messages`, {
      clientMessageId: crypto.randomUUID(),
      body: "hello",
    });
    expect(sent.status).toBe(201);
    expect((await ben.get("/v1/conversations")).body.items).toHaveLength(1);
    expect((await behind.call("GET", "/readyz")).status).toBe(200);
    expect(
      (await behind.call("POST", "/v1/auth/logout", { body: { refreshToken: ben.refreshToken } })).status,
    ).toBe(204);
  });
});
