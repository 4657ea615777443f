import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../toolchain/paths.mjs";
import { runStep } from "../toolchain/run.mjs";
import { redisArguments } from "./redis.ts";
import type { Log, Stores } from "./types.ts";

const execute = promisify(execFile);
const MYSQL_IMAGE = "mariadb:10.11";
const REDIS_IMAGE = "redis:7";
/** As in docker-compose.yml; the ports are published on loopback only. */
const COMPOSE_PASSWORD = process.env.CONFAB_MYSQL_PASSWORD || "confab";

/** Whether a Docker daemon answers; a client without a daemon is common. */
export async function hasDocker(): Promise<boolean> {
  return execute("docker", ["info"], { timeout: 5000 }).then(
    () => true,
    () => false,
  );
}

const compose = (...args: string[]) => [
  "compose",
  "--file",
  join(ROOT, "docker-compose.yml"),
  "--profile",
  "infra",
  ...args,
];

/** The address under which Docker published a port of a compose service. */
async function published(service: string, port: number): Promise<string> {
  const { stdout } = await execute("docker", compose("port", service, String(port)));
  return stdout.trim();
}

/** For `npm start`: the compose file's stores, whose volumes keep the data. */
async function startCompose(): Promise<Omit<Stores, "flavour">> {
  await runStep("Starting the stores in Docker", "docker", compose("up", "--detach", "--wait"), {
    cwd: ROOT,
  });
  return {
    source: "docker",
    mysqlUrl: `mysql://root:${COMPOSE_PASSWORD}@${await published("mysql", 3306)}`,
    redisRealtimeUrl: `redis://${await published("redis-realtime", 6379)}`,
    redisQueueUrl: `redis://${await published("redis-queue", 6379)}`,
    stop: () =>
      runStep("Stopping the stores in Docker", "docker", compose("stop"), { cwd: ROOT, quiet: true }),
  };
}

/** For tests: containers that are gone afterwards, whatever happens to us. */
async function startContainers(log: Log): Promise<Omit<Stores, "flavour">> {
  log("· Starting throw-away stores in Docker");
  // Loaded only here: no other way of coming by stores should wait for it.
  const { GenericContainer, Wait } = await import("testcontainers");
  const redis = (role: "realtime" | "queue") =>
    new GenericContainer(REDIS_IMAGE)
      .withCommand(["redis-server", ...redisArguments(role, 6379, "/data", "0.0.0.0")])
      .withExposedPorts(6379)
      .start();
  const mysql = new GenericContainer(MYSQL_IMAGE)
    .withEnvironment({ MARIADB_ALLOW_EMPTY_ROOT_PASSWORD: "1" })
    .withCommand([
      "--transaction-isolation=READ-COMMITTED",
      "--max-connections=300",
      "--default-time-zone=+00:00",
    ])
    .withExposedPorts(3306)
    .withWaitStrategy(Wait.forLogMessage(/ready for connections/, 2))
    .start();
  const [database, realtime, queue] = await Promise.all([mysql, redis("realtime"), redis("queue")]);
  return {
    source: "docker",
    mysqlUrl: `mysql://root@${database.getHost()}:${database.getMappedPort(3306)}`,
    redisRealtimeUrl: `redis://${realtime.getHost()}:${realtime.getMappedPort(6379)}`,
    redisQueueUrl: `redis://${queue.getHost()}:${queue.getMappedPort(6379)}`,
    stop: async () => {
      await Promise.all([database, realtime, queue].map((container) => container.stop()));
    },
  };
}

/** MariaDB and two Redis in Docker: kept for `npm start`, thrown away for tests. */
export function startDocker({ keep, log }: { keep?: boolean; log: Log }): Promise<Omit<Stores, "flavour">> {
  return keep ? startCompose() : startContainers(log);
}
