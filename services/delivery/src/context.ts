import { ChatError } from "@confab/contract";
import { redisNames } from "@confab/contract/internal";
import { openDb, type SqlPool } from "@confab/db";
import {
  type Clock,
  createLogger,
  createMetrics,
  createRealtime,
  Fanout,
  Lifecycle,
  type Logger,
  RpcClient,
  systemClock,
} from "@confab/runtime";
import type { DeliveryConfig } from "./config.ts";
import { createMeasures } from "./measure.ts";
import { watchProgress } from "./progress.ts";
import { createLogPush } from "./push/log.ts";
import type { Push } from "./push/push.ts";
import { createSteps } from "./steps.ts";

/** What a test, or a host product, may put in the place of the shipped thing. */
export interface ContextOverrides {
  log?: Logger;
  clock?: Clock;
  push?: Push;
}

/** Everything that the functions of this service need; each takes it as its first argument. */
export function createContext(config: DeliveryConfig, overrides: ContextOverrides = {}) {
  const log = overrides.log ?? createLogger({ service: "delivery", level: config.logLevel });
  const metrics = createMetrics("delivery");
  const names = redisNames(config.redis.prefix);
  const lifecycle = new Lifecycle(log);

  const db = openDb({ ...config.mysql, log });
  lifecycle.onStop("close", "mysql", () => db[Symbol.asyncDispose]());
  const realtime = createRealtime({ url: config.redis.realtimeUrl, names, log, metrics });
  const fanout = new Fanout(realtime);
  lifecycle.onStop("close", "redis", async () => {
    await fanout[Symbol.asyncDispose]();
    realtime[Symbol.dispose]();
  });
  const presence = new RpcClient({
    baseUrl: config.presence.url,
    internalToken: config.internalToken,
    deadlineMs: config.presence.deadlineMs,
  });
  lifecycle.onStop("close", "presence", () => presence[Symbol.asyncDispose]());
  const progress = watchProgress({
    url: config.redis.queueUrl,
    names,
    log,
    lifecycle,
    stallMs: config.worker.stallMs,
  });
  metrics.gauge(
    "chat_delivery_waiting_jobs",
    "Jobs that wait, as of the last probe",
    [],
    () => progress.waiting,
  );
  metrics.collectProcess();
  const clock = overrides.clock ?? systemClock;
  /** @throws ChatError `unavailable` before MySQL was reached for the first time */
  const requireSql = (): SqlPool => {
    if (db.sql) return db.sql;
    throw new ChatError("unavailable", { reason: "mysql_away" });
  };

  return {
    config,
    log,
    metrics,
    names,
    lifecycle,
    clock,
    db,
    fanout,
    steps: createSteps({
      sql: requireSql,
      presence,
      clock,
      log,
      concurrency: config.worker.concurrency,
      pushMaxAgeMs: config.push.maxAgeMs,
    }),
    push: overrides.push ?? createLogPush(log),
    progress,
    ...createMeasures(metrics),
  };
}
export type DeliveryContext = ReturnType<typeof createContext>;
