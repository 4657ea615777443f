import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ServiceExit, spawnService } from "../processes.ts";
import { findFreePorts } from "../stores/ports.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "confab-processes-"));
});
afterAll(() => rmSync(dir, { recursive: true }));

const SERVICE = `
import { createServer } from "node:http";
const port: number = Number(process.env.TEST_PORT);
const server = createServer((_, response) => response.end(process.env.TEST_PORT)).listen(port, "127.0.0.1");
console.log(JSON.stringify({ level: 30, msg: "up" }));
process.on("SIGTERM", () => { console.log("bye"); server.close(); server.closeAllConnections(); process.channel?.unref(); });
`;

async function launch(source: string) {
  const entry = join(dir, `service-${Math.random().toString(36).slice(2)}.ts`);
  writeFileSync(entry, source);
  const [port = 0] = await findFreePorts(1);
  const lines: string[] = [];
  const exits: ServiceExit[] = [];
  const service = spawnService({
    name: "sample",
    entry,
    env: { TEST_PORT: String(port) },
    log: (line) => lines.push(line),
    readyUrl: `http://127.0.0.1:${port}/readyz`,
  });
  service.onExit((exit) => exits.push(exit));
  return { service, lines, exits };
}

test("a service runs from its source, is ready, and stops when asked", async () => {
  const { service, lines, exits } = await launch(SERVICE);
  await service.ready();
  expect(await (await fetch(service.url)).text()).toBe(new URL(service.url).port);
  await service.stop();
  expect(exits).toEqual([{ code: 0, signal: null, wasAsked: true }]);
  expect(lines).toContain('{"level":30,"msg":"up"}');
});

test("one that does not stop in time is ended all the same", async () => {
  const { service, exits } = await launch(SERVICE.replace("server.close();", "return;"));
  await service.ready();
  await service.stop("SIGTERM", 50);
  expect(exits).toEqual([{ code: null, signal: "SIGKILL", wasAsked: true }]);
});

test("one that ends while starting says why", async () => {
  const { service } = await launch(`console.error("no such store"); process.exit(3);`);
  await expect(service.ready()).rejects.toMatchObject({
    message: expect.stringContaining("exit code 3"),
    remedy: expect.arrayContaining(["no such store"]),
  });
});
