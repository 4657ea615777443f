import { expect, test } from "vitest";
import { socketPath } from "./mysql.ts";
import { redisArguments } from "./redis.ts";

test("the socket lies with the data unless its path would be too long for a Unix socket", () => {
  expect(socketPath("/data/stores")).toBe("/data/stores/mysql.sock");
  const deep = `/${"deep/".repeat(30)}`;
  expect(socketPath(deep).length).toBeLessThan(104);
  expect(socketPath(deep)).toBe(socketPath(deep));
  expect(socketPath(deep)).not.toBe(socketPath(`${deep}other`));
});

test("the queue never evicts and keeps its jobs; realtime keeps nothing and bounds its output", () => {
  const queue = redisArguments("queue", 1, "/d").join(" ");
  expect(queue).toContain("--maxmemory-policy noeviction");
  expect(queue).toContain("--appendonly yes --appendfsync everysec");
  const realtime = redisArguments("realtime", 1, "/d").join(" ");
  expect(realtime).toContain("--client-output-buffer-limit pubsub 64mb 16mb 60");
  expect(realtime).toContain("--appendonly no");
  for (const settings of [queue, realtime]) expect(settings).toContain("--bind 127.0.0.1");
});
