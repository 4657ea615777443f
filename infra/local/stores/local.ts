import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { ChildStoreProcess } from "./child.ts";
import { findExecutable } from "./executables.ts";
import { mysqlStore } from "./mysql.ts";
import { endStale } from "./pid-file.ts";
import { findFreePorts } from "./ports.ts";
import { redisStore } from "./redis.ts";
import type { Log, StoreExitListener, Stores } from "./types.ts";

export interface LocalPrograms {
  mysql: string;
  redis: string;
}

/** The servers that this machine has, or undefined if one is missing. */
export function findLocalPrograms(): LocalPrograms | undefined {
  const mysql = findExecutable("mariadbd", "mysqld");
  const redis = findExecutable("redis-server", "valkey-server");
  return mysql && redis ? { mysql, redis } : undefined;
}

/** Forgets the data under a directory, after ending whatever an earlier run left working on it. */
export async function removeLocal(dir: string): Promise<void> {
  const root = resolve(dir);
  await endStale({ name: "mysql", dir: root });
  for (const name of ["redis-realtime", "redis-queue"]) await endStale({ name, dir: join(root, name) });
  rmSync(root, { recursive: true, force: true });
}

export interface LocalOptions {
  dir: string;
  log: Log;
  /** A store that ends unasked; `npm start` says so and starts it again. */
  onExit?: StoreExitListener;
}

/** MariaDB or MySQL and two Redis as our own children, on free ports of loopback, with their data under `dir`. */
export async function startLocal(
  programs: LocalPrograms,
  options: LocalOptions,
): Promise<Omit<Stores, "flavour">> {
  const dir = resolve(options.dir);
  const { log, onExit } = options;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const [mysqlPort = 0, realtimePort = 0, queuePort = 0] = await findFreePorts(3);
  const redis = { command: programs.redis, dir, onExit };
  const redisRealtime = redisStore({ ...redis, role: "realtime", port: realtimePort });
  const redisQueue = redisStore({ ...redis, role: "queue", port: queuePort });
  const mysql = await mysqlStore({ command: programs.mysql, port: mysqlPort, dir, log, onExit });
  const all: ChildStoreProcess[] = [mysql, redisRealtime, redisQueue];
  const stop = async () => {
    await Promise.all(all.map((store) => store.stop()));
  };
  const starts = await Promise.allSettled(all.map((store) => store.start()));
  const failure = starts.find((result) => result.status === "rejected");
  if (failure) {
    await stop();
    throw failure.reason;
  }
  return {
    source: "local",
    mysqlUrl: `mysql://root@127.0.0.1:${mysqlPort}`,
    redisRealtimeUrl: `redis://127.0.0.1:${realtimePort}`,
    redisQueueUrl: `redis://127.0.0.1:${queuePort}`,
    mysql,
    redisRealtime,
    redisQueue,
    stop,
  };
}
