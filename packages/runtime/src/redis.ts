import { Redis, type RedisOptions } from "ioredis";
import type { Logger } from "./log.ts";

/**
 * What a connection is for decides how it fails (measured: research on ioredis' default of waiting for ever).
 * - request: fails at once when Redis is away and after `commandTimeout` when it hangs
 * - subscriber: waits for Redis to come back and subscribes again
 * - worker: BullMQ's blocking connection, which must never time a command out
 */
export type RedisRole = "request" | "subscriber" | "worker";

const backoff = (attempt: number): number => Math.min(100 * 2 ** Math.min(attempt, 4), 1000);

const OPTIONS: Record<RedisRole, RedisOptions> = {
  request: {
    commandTimeout: 1000,
    connectTimeout: 2000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    enableAutoPipelining: true,
  },
  // A subscription that is asked for while ioredis awaits the INFO of its ready check puts the connection into
  // subscriber mode: the check fails, and what was subscribed is lost with the connection (5.11). Redis takes
  // subscriptions at any time, so there is nothing to check.
  subscriber: { connectTimeout: 2000, maxRetriesPerRequest: null, enableReadyCheck: false },
  worker: { connectTimeout: 2000, maxRetriesPerRequest: null },
};

export type { Redis } from "ioredis";

/** Connects in the background; errors are logged once per outage, not once per attempt. */
export function createRedis(url: string, role: RedisRole, log: Logger): Redis {
  const redis = new Redis(url, {
    ...OPTIONS[role],
    retryStrategy: backoff,
    reconnectOnError: (error) => error.message.startsWith("READONLY"),
  });
  let down = false;
  redis.on("error", (error) => {
    if (!down) log.warn({ err: error.message, role }, "redis is away");
    down = true;
  });
  redis.on("ready", () => {
    if (down) log.info({ role }, "redis is back");
    down = false;
  });
  return redis;
}

/** Waits until a `request` connection can be used, at most `deadlineMs`; true when it can. */
export async function redisReady(redis: Redis, deadlineMs: number): Promise<boolean> {
  if (redis.status === "ready") return true;
  return new Promise((resolve) => {
    const settle = (ready: boolean) => {
      clearTimeout(timer);
      redis.off("ready", onReady);
      resolve(ready);
    };
    const onReady = () => settle(true);
    const timer = setTimeout(() => settle(false), deadlineMs);
    redis.once("ready", onReady);
  });
}

/** Ends a connection without waiting for a Redis that may not answer. */
export function closeRedis(...connections: Redis[]): void {
  for (const redis of connections) redis.disconnect();
}
