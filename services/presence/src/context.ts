import { redisNames } from "@confab/contract/internal";
import { openDb } from "@confab/db";
import {
  closeRedis,
  createLogger,
  createMetrics,
  createRedis,
  Lifecycle,
  type Logger,
} from "@confab/runtime";
import { createAnnouncer } from "./announce.ts";
import { Audit } from "./audit.ts";
import type { PresenceConfig } from "./config.ts";
import { withScript } from "./store.ts";
import { Sweeper } from "./sweeper.ts";

/** What a test may put in the place of the real thing. */
export interface ContextOverrides {
  log?: Logger;
}

/** Everything that the functions of this service need; each takes it as its first argument. */
export function createContext(config: PresenceConfig, overrides: ContextOverrides = {}) {
  const log = overrides.log ?? createLogger({ service: "presence", level: config.logLevel });
  const metrics = createMetrics("presence");
  const names = redisNames(config.redis.prefix);
  const lifecycle = new Lifecycle(log);

  const db = openDb({ ...config.mysql, log });
  lifecycle.onStop("close", "mysql", () => db[Symbol.asyncDispose]());
  const redis = withScript(createRedis(config.redis.url, "request", log));
  lifecycle.onStop("close", "redis", () => closeRedis(redis));
  const store = { redis, names, config };

  const announcer = createAnnouncer({ store, db, config, log, metrics });
  lifecycle.onStop("close", "announcer", () => announcer[Symbol.asyncDispose]());
  const { announce } = announcer;

  const sweeper = new Sweeper({
    ctx: store,
    log,
    intervalMs: config.sweepIntervalMs,
    onTransitions: announce,
  });
  const audit = new Audit({
    ctx: store,
    prisma: () => db.prisma,
    log,
    delayMs: config.auditDelayMs,
    onTransitions: announce,
  });
  lifecycle.onStop("intake", "sweeper", () => {
    audit[Symbol.dispose]();
    sweeper[Symbol.dispose]();
  });
  metrics.collectProcess();
  return { ...store, log, metrics, lifecycle, db, announce, sweeper };
}
export type PresenceContext = ReturnType<typeof createContext>;
