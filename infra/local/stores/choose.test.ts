import { expect, test } from "vitest";
import { parseStoreMode, planStores, urlsFromEnvironment, withDatabase, withoutDatabase } from "./choose.ts";

const nothing = { hasUrls: false, hasPrograms: false, hasDocker: false, canInstall: false };

test("auto takes what is named, then what is installed, then Docker, then the package manager", () => {
  const everything = { hasUrls: true, hasPrograms: true, hasDocker: true, canInstall: true };
  expect(planStores("auto", everything)).toBe("env");
  expect(planStores("auto", { ...everything, hasUrls: false })).toBe("local");
  expect(planStores("auto", { ...everything, hasUrls: false, hasPrograms: false })).toBe("docker");
  expect(planStores("auto", { ...nothing, canInstall: true })).toBe("install");
  expect(planStores("auto", nothing)).toBe("none");
});

test("a named mode is never replaced by another one", () => {
  expect(planStores("env", { ...nothing, hasPrograms: true })).toBe("none");
  expect(planStores("docker", { ...nothing, hasPrograms: true })).toBe("none");
  expect(planStores("local", { ...nothing, hasUrls: true, hasDocker: true })).toBe("none");
  expect(planStores("local", { ...nothing, canInstall: true })).toBe("install");
});

test("CONFAB_STORES is auto unless it says otherwise, and a typo is refused", () => {
  expect(parseStoreMode(undefined)).toBe("auto");
  expect(parseStoreMode("")).toBe("auto");
  expect(parseStoreMode("docker")).toBe("docker");
  expect(() => parseStoreMode("dokcer")).toThrow(/CONFAB_STORES=dokcer/);
});

test("the environment counts only if it names all three stores", () => {
  const all = {
    MYSQL_URL: "mysql://me:p%40ss@db:3306/chat?ssl=true",
    REDIS_REALTIME_URL: "redis://a",
    REDIS_QUEUE_URL: "redis://b",
  };
  expect(urlsFromEnvironment({ ...all, REDIS_QUEUE_URL: undefined })).toBeUndefined();
  expect(urlsFromEnvironment(all)).toEqual({
    mysqlUrl: "mysql://me:p%40ss@db:3306?ssl=true",
    redisRealtimeUrl: "redis://a",
    redisQueueUrl: "redis://b",
  });
});

test("a database is put into a URL and taken out of it", () => {
  expect(withDatabase("mysql://root@127.0.0.1:3306", "confab")).toBe("mysql://root@127.0.0.1:3306/confab");
  expect(withoutDatabase("mysql://root@127.0.0.1:3306/confab")).toBe("mysql://root@127.0.0.1:3306");
});
