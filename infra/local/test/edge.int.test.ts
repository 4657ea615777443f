import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Edge, startEdge } from "../edge.ts";
import { findFreePorts } from "../stores/ports.ts";

let dir: string;
let edge: Edge;
const servers: Server[] = [];

/** Answers with its name and what it heard, over HTTP and in the head of an upgrade. */
async function fakeService(name: string): Promise<string> {
  const describe = ({ url, headers }: IncomingMessage) => JSON.stringify({ name, url, headers });
  const server = createServer((request, response) => response.end(describe(request)));
  server.on("upgrade", (request, socket) => {
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n${describe(request)}`,
    );
  });
  servers.push(server.listen(0, "127.0.0.1"));
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Asks for a WebSocket and returns all that comes back until the connection ends. */
async function upgrade(path: string): Promise<string> {
  const socket = connect(edge.port, "127.0.0.1");
  socket.write(
    `GET ${path} HTTP/1.1\r\nhost: edge\r\nupgrade: websocket\r\nconnection: upgrade\r\nx-forwarded-for: 6.6.6.6\r\n\r\n`,
  );
  const chunks = await socket.setEncoding("utf8").toArray();
  return chunks.join("");
}

const get = (path: string) => fetch(`http://127.0.0.1:${edge.port}${path}`);

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "confab-edge-"));
  mkdirSync(join(dir, "assets"));
  writeFileSync(join(dir, "index.html"), "<title>Confab</title>");
  writeFileSync(join(dir, "assets", "app-1a2b.js"), "1");
  const [closed] = await findFreePorts(1);
  edge = await startEdge({
    port: 0,
    gatewayUrls: [
      await fakeService("gateway-1"),
      `http://127.0.0.1:${closed}`,
      await fakeService("gateway-2"),
    ],
    messageUrl: await fakeService("message"),
    webDir: dir,
    demoAccounts: [{ username: "ada", password: "secret", displayName: "Ada" }],
  });
});
afterAll(async () => {
  await edge.stop();
  for (const server of servers) server.closeAllConnections();
  for (const server of servers) server.close();
  rmSync(dir, { recursive: true });
});

test("upgrades take turns over the gateways that are up, and carry the real address", async () => {
  const answers = [];
  for (let turn = 0; turn < 6; turn++) answers.push(await upgrade("/socket.io/?EIO=4&transport=websocket"));
  const names = answers.map((answer) => /gateway-\d/.exec(answer)?.[0]);
  expect(names.filter((name) => name === "gateway-1").length).toBeGreaterThanOrEqual(2);
  expect(names.filter((name) => name === "gateway-2").length).toBeGreaterThanOrEqual(2);
  expect(answers[0]).toContain('"x-forwarded-for":"127.0.0.1"');
  expect(answers.join()).not.toContain("6.6.6.6");
});

test("an upgrade elsewhere, and to internal routes, is refused", async () => {
  for (const path of ["/v1/me", "/internal/x", "/"]) expect(await upgrade(path)).toMatch(/^HTTP\/1.1 404 /);
});

test("the message service answers its own paths, and internal ones do not exist", async () => {
  const reply = (await (await get("/v1/users/7?x=1")).json()) as { name: string; url: string };
  expect(reply).toMatchObject({ name: "message", url: "/v1/users/7?x=1" });
  const hidden = await get("/internal/messages");
  expect(hidden.status).toBe(404);
  expect(hidden.headers.get("content-type")).toContain("application/problem+json");
  expect(await hidden.json()).toMatchObject({ status: 404, code: "not_found" });
});

test("every other path is the web client, with headers that keep strangers out", async () => {
  const page = await get("/conversations/12");
  expect(await page.text()).toContain("Confab");
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(page.headers.get("x-content-type-options")).toBe("nosniff");
  expect(page.headers.get("cache-control")).toBe("no-cache");
  expect((await get("/assets/app-1a2b.js")).headers.get("cache-control")).toContain("immutable");
  expect((await get("/assets/gone.js")).status).toBe(404);
});

test("the client finds its settings, and a probe finds life", async () => {
  expect(await (await get("/config.json")).json()).toEqual({
    url: "",
    demoAccounts: [{ username: "ada", password: "secret", displayName: "Ada" }],
  });
  expect((await get("/livez")).status).toBe(200);
});

test("without a gateway and without the message service the answer is a problem, not a hang", async () => {
  const [first, second] = await findFreePorts(2);
  const gone = (port = 0) => `http://127.0.0.1:${port}`;
  const lonely = await startEdge({
    port: 0,
    gatewayUrls: [gone(first)],
    messageUrl: gone(second),
    webDir: "/absent",
  });
  const statuses = await Promise.all(
    ["/socket.io/?EIO=4&transport=polling", "/v1/me", "/"].map(
      async (path) => (await fetch(`${gone(lonely.port)}${path}`)).status,
    ),
  );
  expect(statuses).toEqual([503, 503, 404]);
  await lonely.stop();
});

test("a port that is taken is one clear message", async () => {
  await expect(
    startEdge({ port: edge.port, gatewayUrls: [], messageUrl: "http://127.0.0.1:1", webDir: dir }),
  ).rejects.toThrow(/taken by another program/);
});
