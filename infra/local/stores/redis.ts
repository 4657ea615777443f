import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { ChildStoreProcess } from "./child.ts";
import type { StoreExitListener } from "./types.ts";

/** Realtime may lose everything; what it must not do is grow, or let a slow gateway pile up output. */
const REALTIME = ["--save", "", "--appendonly", "no", "--maxmemory-policy", "volatile-ttl"];
const REALTIME_BUFFERS = ["--client-output-buffer-limit", "pubsub", "64mb", "16mb", "60"];
/** A queue that evicts loses jobs; everysec loses at most a second of hints, which the watermarks heal. */
const QUEUE = [
  "--save",
  "",
  "--appendonly",
  "yes",
  "--appendfsync",
  "everysec",
  "--maxmemory-policy",
  "noeviction",
];

/** Keeps its command line readable, by which a later start recognises an instance of ours. */
const TITLE = ["--set-proc-title", "no"];

export type RedisRole = "realtime" | "queue";

export function redisArguments(role: RedisRole, port: number, dir: string, host = "127.0.0.1"): string[] {
  const settings = role === "queue" ? QUEUE : [...REALTIME, ...REALTIME_BUFFERS];
  return ["--bind", host, "--port", String(port), "--dir", dir, "--daemonize", "no", ...TITLE, ...settings];
}

/** One answer from a Redis; rejects if there is none within a second. */
export async function askRedis<T>(url: string, ask: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: null,
    connectTimeout: 1000,
    commandTimeout: 1000,
  });
  redis.on("error", () => {});
  try {
    await redis.connect();
    return await ask(redis);
  } finally {
    redis.disconnect();
  }
}

export async function redisVersion(url: string): Promise<string> {
  const info = await askRedis(url, (redis) => redis.info("server"));
  const version = /redis_version:(\S+)/.exec(info)?.[1] ?? "?";
  return info.includes("valkey") ? `Valkey ${/valkey_version:(\S+)/.exec(info)?.[1]}` : `Redis ${version}`;
}

interface RedisOptions {
  role: RedisRole;
  command: string;
  port: number;
  dir: string;
  onExit?: StoreExitListener;
}

export function redisStore({ role, command, port, dir, onExit }: RedisOptions): ChildStoreProcess {
  const data = join(dir, `redis-${role}`);
  mkdirSync(data, { recursive: true });
  return new ChildStoreProcess({
    name: `redis-${role}`,
    port,
    command,
    args: redisArguments(role, port, data),
    dir: data,
    logFile: join(dir, `redis-${role}.log`),
    probe: async () => {
      // While it loads its data it answers, but with an error.
      await askRedis(`redis://127.0.0.1:${port}`, (redis) => redis.ping());
    },
    onExit,
  });
}
