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
import { Audit } from "./audit.ts";
import { Broadcast } from "./broadcast.ts";
import type { PresenceConfig } from "./config.ts";
import { Mirror } from "./mirror.ts";
import type { Transition } from "./state.ts";
import { acknowledge, withScripts } from "./store.ts";
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
  const redis = withScripts(createRedis(config.redis.url, "request", log));
  lifecycle.onStop("close", "redis", () => closeRedis(redis));
  const store = { redis, names, config };

  const transitionCount = metrics.counter("chat_presence_transitions_total", "Changes of somebody's status", [
    "status",
  ]);
  const publishes = metrics.counter("chat_presence_publishes_total", "Changes told to gateways", ["result"]);
  const broadcast = new Broadcast({
    redis,
    names,
    intervalMs: config.publishIntervalMs,
    onPublish: (result) => publishes.inc({ result }),
  });
  const mirror = new Mirror({
    prisma: () => db.prisma,
    log,
    ...config.mirror,
    // What has yet to be said stays unsettled, so that it is said even if this process ends before.
    onWritten: (written) =>
      acknowledge(
        store,
        written.filter(({ userId }) => !broadcast.isWaiting(userId)),
      ).catch(() => undefined),
  });
  metrics.gauge(
    "chat_presence_mirror_waiting_users",
    "People whose change waits for MySQL",
    [],
    () => mirror.waiting,
  );

  function announce(transitions: readonly Transition[]): void {
    for (const { status } of transitions) transitionCount.inc({ status });
    mirror.add(transitions);
    broadcast.add(transitions);
  }
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
  lifecycle.onStop("close", "mirror", async () => {
    broadcast[Symbol.dispose]();
    mirror[Symbol.dispose]();
    await broadcast.flush();
    await mirror.flush();
  });
  metrics.collectProcess();
  return { ...store, log, metrics, lifecycle, db, announce, sweeper };
}
export type PresenceContext = ReturnType<typeof createContext>;
