import { loadConfig, setting, sharedSettings } from "@confab/runtime";
import { z } from "zod";

const milliseconds = setting.integer.min(1);

/** Every setting of this service; `.env.example` and the reference of settings are made from it. */
export const environment = z.object({
  ...sharedSettings,
  PRESENCE_PORT: setting.port.default(4002).describe("TCP port of the HTTP server; 0 takes any free one"),
  MYSQL_URL: z.string().min(1).describe("mysql://user:password@host:port/database; `?ssl=true` for TLS"),
  PRESENCE_DB_POOL_SIZE: setting.integer
    .min(1)
    .max(100)
    .default(5)
    .describe("connections to MySQL per process; all processes together stay below its max_connections, 151"),
  REDIS_REALTIME_URL: z.string().min(1).describe("Redis of the leases; may lose everything"),
  PRESENCE_LEASE_TTL_MS: milliseconds
    .default(52_000)
    .describe(
      "life of a connection's lease without a beat; a gateway beats every 25 s, and after a failure at once",
    ),
  PRESENCE_LEAVE_GRACE_MS: milliseconds
    .default(3_000)
    .describe("how long a connection that dropped still counts, so that a reconnect shows nobody as gone"),
  PRESENCE_MEMORY_MS: milliseconds
    .default(45_000)
    .describe("how long after its end a connection's activity is what the person's next one starts with"),
  PRESENCE_SWEEP_INTERVAL_MS: milliseconds
    .default(250)
    .describe(
      "least time between two looks for leases that lapsed; a look is one round trip to Redis, and the next one comes when somebody may be due",
    ),
  PRESENCE_PUBLISH_INTERVAL_MS: milliseconds
    .default(500)
    .describe("a person's changes are published at most once in this time, the last one wins"),
  PRESENCE_MIRROR_INTERVAL_MS: milliseconds
    .default(2_000)
    .describe("time between two writes of what changed to MySQL, one statement for up to 500 people"),
  PRESENCE_MIRROR_MAX_USERS: setting.integer
    .min(1)
    .default(50_000)
    .describe("people whose change may wait in memory for MySQL; the rest waits in Redis"),
  PRESENCE_RESEND_MS: milliseconds
    .default(10_000)
    .describe("a change that was not both published and mirrored in this time is taken up by any instance"),
  PRESENCE_RETENTION_MS: milliseconds
    .default(86_400_000)
    .describe("how long Redis keeps somebody who is gone; afterwards MySQL knows when they were last seen"),
  PRESENCE_AUDIT_DELAY_MS: milliseconds
    .default(60_000)
    .describe(
      "after Redis lost everything, time for gateways to restate their leases before the rest is gone",
    ),
});

/** The settings in the form that code reads them. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const values = loadConfig(environment, env);
  return Object.freeze({
    host: values.HOST,
    port: values.PRESENCE_PORT,
    logLevel: values.LOG_LEVEL,
    internalToken: values.INTERNAL_TOKEN,
    mysql: { url: values.MYSQL_URL, poolSize: values.PRESENCE_DB_POOL_SIZE },
    redis: { prefix: values.REDIS_PREFIX, url: values.REDIS_REALTIME_URL },
    leases: {
      ttlMs: values.PRESENCE_LEASE_TTL_MS,
      graceMs: values.PRESENCE_LEAVE_GRACE_MS,
      memoryMs: values.PRESENCE_MEMORY_MS,
      resendMs: values.PRESENCE_RESEND_MS,
      retentionMs: values.PRESENCE_RETENTION_MS,
    },
    sweepIntervalMs: values.PRESENCE_SWEEP_INTERVAL_MS,
    publishIntervalMs: values.PRESENCE_PUBLISH_INTERVAL_MS,
    auditDelayMs: values.PRESENCE_AUDIT_DELAY_MS,
    mirror: {
      intervalMs: values.PRESENCE_MIRROR_INTERVAL_MS,
      maxUsers: values.PRESENCE_MIRROR_MAX_USERS,
    },
  });
}
export type PresenceConfig = ReturnType<typeof readConfig>;
export type LeaseTiming = PresenceConfig["leases"];
