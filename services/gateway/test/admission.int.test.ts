import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type Place } from "./harness.ts";

const PATH = "/socket.io/?EIO=4&transport=websocket";

/** The status line and body that an upgrade is answered with. */
async function upgrade(url: string, headers: Record<string, string> = {}, path = PATH) {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  const lines = Object.entries({
    Host: "gateway",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  const first = await new Promise<string>((resolve) => socket.once("data", (data) => resolve(String(data))));
  const status = Number(first.split(" ")[1]);
  const rest = status === 101 ? "" : await text(socket);
  socket.destroy();
  return { status, answer: first + rest };
}

describe("who may open a connection", () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace();
  });
  afterAll(() => place[Symbol.asyncDispose]());

  it("compares origins exactly", async () => {
    const { url } = await place.start({ GATEWAY_ORIGINS: "https://app.example.com, http://intranet:8080" });
    const statusFrom = async (Origin: string) => (await upgrade(url, { Origin })).status;
    for (const origin of ["https://chat.example.com", "https://app.example.com", "http://intranet:8080"]) {
      expect(await statusFrom(origin), origin).toBe(101);
    }
    for (const origin of [
      "http://chat.example.com",
      "https://chat.example.com.evil.example",
      "https://evil.example",
      "https://chat.example.com:444",
      "http://localhost:3000",
      "null",
    ]) {
      expect(await statusFrom(origin), origin).toBe(403);
    }
    expect((await upgrade(url, { Origin: "https://evil.example" })).answer).toContain('"reason":"origin"');
    expect((await upgrade(url)).status).toBe(101);
    expect(await place.metric({ url }, "chat_gateway_upgrades_refused_total")).toBe(7);
  });

  it("can insist on an origin", async () => {
    const { url } = await place.start({ GATEWAY_ALLOW_NO_ORIGIN: "false" });
    expect((await upgrade(url)).status).toBe(403);
  });

  it("admits local pages in development only", async () => {
    const { url } = await place.start({ NODE_ENV: "development" });
    for (const origin of ["http://localhost:5173", "http://127.0.0.1:9", "https://localhost"]) {
      expect((await upgrade(url, { Origin: origin })).status, origin).toBe(101);
    }
    for (const origin of ["http://localhost.evil.example", "http://user@localhost", "http://127.0.0.2"]) {
      expect((await upgrade(url, { Origin: origin })).status, origin).toBe(403);
    }
  });

  it("says 503 and when to come back beyond its connections, and then is not ready", async () => {
    const { url } = await place.start({ GATEWAY_MAX_CONNECTIONS: "2" });
    await place.connect(url, "ada");
    await place.connect(url, "bob");
    const { status, answer } = await upgrade(url);
    expect(status).toBe(503);
    expect(answer).toMatch(/^Retry-After: [1-6]\r$/m);
    expect(answer).toContain('"reason":"full"');
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toEqual({ ok: false, reason: "full" });
  });

  it("lets no more than so many sign in at once, and others wait for their turn", async () => {
    const gateway = await place.start({ GATEWAY_MAX_HANDSHAKES: "1", GATEWAY_MAX_WAITING: "1" });
    const idle = new WebSocket(`${gateway.url.replace("http", "ws")}${PATH}`);
    await new Promise((resolve) => idle.addEventListener("message", resolve));
    const next = upgrade(gateway.url);
    await until(async () => (await place.metric(gateway, "chat_gateway_waiting_connections")) === 1);
    expect((await upgrade(gateway.url)).status).toBe(503);
    idle.close();
    expect((await next).status).toBe(101);
  });

  it("limits connections of an address, as a trusted proxy reports it", async () => {
    const limits = JSON.stringify({ connectAddress: { burst: 2, perSecond: 0.01 } });
    const { url } = await place.start({ GATEWAY_RATE_LIMITS: limits });
    const from = async (address: string) =>
      (await upgrade(url, { "X-Forwarded-For": `9.9.9.9, ${address}` })).status;
    expect([await from("10.1.1.1"), await from("10.1.1.1"), await from("10.1.1.1")]).toEqual([101, 101, 429]);
    expect(await from("10.1.1.2")).toBe(101);
  });

  it("limits connections of a person", async () => {
    const limits = JSON.stringify({ connectUser: { burst: 2, perSecond: 0.01 } });
    const { url } = await place.start({ GATEWAY_RATE_LIMITS: limits });
    await place.connect(url, "often");
    await place.connect(url, "often");
    const refusal = await place.refusal(url, { token: await place.sign("often") });
    expect(refusal).toMatchObject({ code: "rate_limited", reason: "limit:connectUser" });
    expect(refusal.retryAfterMs).toBeGreaterThan(1000);
    await place.connect(url, "seldom");
  });

  it("closes who does not sign in", async () => {
    const { url } = await place.start({ GATEWAY_CONNECT_TIMEOUT_MS: "50" });
    const idle = new WebSocket(`${url.replace("http", "ws")}${PATH}`);
    await new Promise((resolve) => idle.addEventListener("close", resolve));
  });

  it("knows no other path, and long polling only for clients of dialects", async () => {
    const polled = await place.start();
    expect((await fetch(`${polled.url}/socket.io/?EIO=4&transport=polling`)).status).toBe(200);
    const other = { headers: { origin: "https://elsewhere.example" } };
    expect((await fetch(`${polled.url}/socket.io/?EIO=4&transport=polling`, other)).status).toBe(403);
    const { url } = await place.start({ GATEWAY_DIALECTS: "none" });
    expect((await upgrade(url, {}, "/elsewhere")).status).toBe(404);
    expect((await upgrade(url, {}, "/socket.io/?EIO=4&transport=polling")).status).toBe(400);
    expect((await fetch(`${url}/socket.io/?EIO=4&transport=polling`)).status).toBe(404);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });
});
