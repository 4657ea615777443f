import { loadConfig, setting, sharedSettings } from "@confab/runtime";
import { z } from "zod";

const milliseconds = setting.integer.min(1);

/** Every setting of this service; `.env.example` and the reference of settings are made from it. */
export const environment = z.object({
  ...sharedSettings,
  DELIVERY_PORT: setting.port
    .default(4003)
    .describe("TCP port of the HTTP server (health and metrics); 0 takes any free one"),
  MYSQL_URL: z.string().min(1).describe("mysql://user:password@host:port/database; `?ssl=true` for TLS"),
  DELIVERY_DB_POOL_SIZE: setting.integer
    .min(1)
    .max(100)
    .default(10)
    .describe("connections to MySQL per process; all processes together stay below its max_connections, 151"),
  REDIS_REALTIME_URL: z.string().min(1).describe("Redis of fan-out; may lose everything"),
  REDIS_QUEUE_URL: z.string().min(1).describe("Redis of BullMQ; noeviction and append-only file"),
  PRESENCE_URL: setting.url.describe("address of the presence service"),
  DELIVERY_CONCURRENCY: setting.integer
    .min(1)
    .max(500)
    .default(32)
    .describe("jobs that one process works on at once: what they ask MySQL and presence, they ask together"),
  DELIVERY_LOCK_MS: milliseconds
    .min(1_000)
    .default(30_000)
    .describe("a job whose worker has not renewed its lock in this time is given to another"),
  DELIVERY_PRESENCE_DEADLINE_MS: milliseconds
    .default(1_000)
    .describe("longest wait for the presence service; after it the person counts as offline"),
  DELIVERY_PUSH_DEADLINE_MS: milliseconds.default(10_000).describe("longest wait for one push"),
  DELIVERY_PUSH_MAX_AGE_MS: milliseconds
    .default(86_400_000)
    .describe("a notification that could not be pushed in this time is no longer news"),
  DELIVERY_STALL_MS: milliseconds
    .default(120_000)
    .describe(
      "jobs wait, none is active and none was finished for this long: the process asks to be replaced",
    ),
});

/** The settings in the form that code reads them. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const values = loadConfig(environment, env);
  return Object.freeze({
    host: values.HOST,
    port: values.DELIVERY_PORT,
    logLevel: values.LOG_LEVEL,
    internalToken: values.INTERNAL_TOKEN,
    mysql: { url: values.MYSQL_URL, poolSize: values.DELIVERY_DB_POOL_SIZE },
    redis: {
      prefix: values.REDIS_PREFIX,
      realtimeUrl: values.REDIS_REALTIME_URL,
      queueUrl: values.REDIS_QUEUE_URL,
    },
    presence: { url: values.PRESENCE_URL, deadlineMs: values.DELIVERY_PRESENCE_DEADLINE_MS },
    push: { deadlineMs: values.DELIVERY_PUSH_DEADLINE_MS, maxAgeMs: values.DELIVERY_PUSH_MAX_AGE_MS },
    worker: {
      concurrency: values.DELIVERY_CONCURRENCY,
      lockMs: values.DELIVERY_LOCK_MS,
      stallMs: values.DELIVERY_STALL_MS,
    },
  });
}
export type DeliveryConfig = ReturnType<typeof readConfig>;
