import { expect, test } from "vitest";
import { readStartOptions } from "./arguments.ts";
import { databaseName } from "./data.ts";
import { errorIn } from "./service-log.ts";
import { formatSummary } from "./summary.ts";
import { restartDelay } from "./supervisor.ts";

test("npm start needs no arguments", () => {
  expect(readStartOptions([])).toEqual({
    port: 8080,
    host: "127.0.0.1",
    gateways: 2,
    reset: false,
    help: false,
  });
});

test("arguments are read, and whatever is not understood gives the usage", () => {
  expect(readStartOptions(["--gateways", "3", "--port=9000", "--reset"])).toMatchObject({
    port: 9000,
    gateways: 3,
    reset: true,
  });
  expect(() => readStartOptions(["--gatways", "3"])).toThrow(/--gatways/);
  expect(() => readStartOptions(["extra"])).toThrow(/extra/);
  expect(() => readStartOptions(["--port", "http"])).toThrow(/--port takes a whole number/);
  expect(() => readStartOptions(["--gateways", "0"])).toThrow(/--gateways takes a whole number from 1/);
});

test("a service that keeps ending is started ever more rarely, but always again", () => {
  expect([1, 2, 3, 4].map(restartDelay)).toEqual([500, 1000, 2000, 4000]);
  expect(restartDelay(50)).toBe(30_000);
});

test("only errors of a JSON log reach the terminal", () => {
  expect(errorIn('{"level":30,"msg":"ready"}')).toBeUndefined();
  expect(errorIn('{"level":50,"msg":"lost the store","err":{"message":"ECONNREFUSED"}}')).toBe(
    "lost the store: ECONNREFUSED",
  );
  expect(errorIn("{ not json")).toBeUndefined();
  expect(errorIn("plain text")).toBeUndefined();
});

test("the database is the one that MYSQL_URL names, where MYSQL_URL is what we use", () => {
  const env = { MYSQL_URL: "mysql://db/chat" };
  expect(databaseName({ source: "env" }, env)).toBe("chat");
  expect(databaseName({ source: "env" }, { MYSQL_URL: "mysql://db" })).toBe("confab");
  expect(databaseName({ source: "local" }, env)).toBe("confab");
});

test("the summary names the address, the accounts, every process and the stores", () => {
  const process = { name: "gateway-1", url: "http://127.0.0.1:4000", pid: 7 };
  const text = formatSummary({
    url: "http://localhost:8080",
    accounts: [{ username: "ada", password: "correct horse", displayName: "Ada" }],
    services: [{ name: "gateway-1", process: process as never, ready: async () => {}, stop: async () => {} }],
    stores: { flavour: "MariaDB 10.11.1, Redis 7.0.15", source: "local" },
    logs: ".confab/logs",
    seconds: 4.2,
  });
  for (const part of [
    "http://localhost:8080",
    "ada",
    "correct horse",
    "gateway-1",
    "pid 7",
    "MariaDB 10.11.1",
  ]) {
    expect(text).toContain(part);
  }
});
