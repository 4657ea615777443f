import { Problem } from "../problem.mjs";
import type { StoreMode, StoreUrls } from "./types.ts";

const MODES: StoreMode[] = ["auto", "env", "local", "docker"];

/** Reads CONFAB_STORES. */
export function parseStoreMode(value: string | undefined): StoreMode {
  const mode = MODES.find((known) => known === (value || "auto"));
  if (!mode) throw new Problem(`CONFAB_STORES=${value} is not known.`, [`It may be ${MODES.join(", ")}.`]);
  return mode;
}

/** The stores that the environment names: all three, or none of them. */
export function urlsFromEnvironment(env: NodeJS.ProcessEnv): StoreUrls | undefined {
  const { MYSQL_URL, REDIS_REALTIME_URL, REDIS_QUEUE_URL } = env;
  if (!MYSQL_URL || !REDIS_REALTIME_URL || !REDIS_QUEUE_URL) return undefined;
  return {
    mysqlUrl: withoutDatabase(MYSQL_URL),
    redisRealtimeUrl: REDIS_REALTIME_URL,
    redisQueueUrl: REDIS_QUEUE_URL,
  };
}

/** `mysql://root@host:3306/confab?x=1` without the database: what creates databases must not sit in one. */
export function withoutDatabase(mysqlUrl: string): string {
  const url = new URL(mysqlUrl);
  url.pathname = "";
  return url.href;
}

/** `mysql://root@host:3306` with a database. */
export function withDatabase(mysqlUrl: string, database: string): string {
  const url = new URL(mysqlUrl);
  url.pathname = `/${database}`;
  return url.href;
}

export type StorePlan = "env" | "local" | "docker" | "install" | "none";

interface Machine {
  hasUrls: boolean;
  hasPrograms: boolean;
  hasDocker: boolean;
  canInstall: boolean;
}

/** How to come by stores: what costs least and leaves least behind comes first. */
export function planStores(mode: StoreMode, machine: Machine): StorePlan {
  if (mode === "env") return machine.hasUrls ? "env" : "none";
  if (mode === "docker") return machine.hasDocker ? "docker" : "none";
  if (mode === "auto" && machine.hasUrls) return "env";
  if (machine.hasPrograms) return "local";
  if (mode === "auto" && machine.hasDocker) return "docker";
  return machine.canInstall ? "install" : "none";
}
