import { type RedisNames, redisNames } from "@confab/contract/internal";
import {
  type Clock,
  closeRedis,
  createLogger,
  createRealtime,
  createRedis,
  createTokenVerifier,
  Fanout,
  Lifecycle,
  Limiter,
  type Logger,
  type Redis,
  RpcClient,
  systemClock,
  type TokenVerifier,
} from "@confab/runtime";
import type { Server } from "socket.io";
import { Canary } from "./canary.ts";
import type { GatewayConfig } from "./config.ts";
import { Dialects } from "./dialects/registry.ts";
import { MessageSender } from "./events/message.ts";
import { ReceiptMarker } from "./events/receipt.ts";
import { Syncer } from "./events/sync.ts";
import { Typing } from "./events/typing.ts";
import { Healer } from "./heal.ts";
import { Leases } from "./heartbeat.ts";
import { createIo } from "./io.ts";
import { createGatewayMetrics, type GatewayMetrics } from "./metrics.ts";
import { PresenceHub } from "./presence-hub.ts";
import { SessionOpener } from "./session-opener.ts";
import type { Io } from "./socket.ts";

/** What a test may put in the place of the real thing. */
export interface ContextOverrides {
  log?: Logger;
  clock?: Clock;
  /** In [0, 1). */
  random?: () => number;
  verifyToken?: TokenVerifier;
}

/** Everything that the functions of this service need; each takes it as its first argument. */
export interface GatewayContext {
  config: GatewayConfig;
  log: Logger;
  metrics: GatewayMetrics;
  clock: Clock;
  /** In [0, 1); for jitter, never for secrets. */
  random: () => number;
  names: RedisNames;
  lifecycle: Lifecycle;
  io: Io;
  /** Every connection that this process has to Redis. */
  redis: Redis[];
  /** Resolves once every room that was joined here is heard. */
  subscribed: () => Promise<void>;
  limiter: Limiter;
  verifyToken: TokenVerifier;
  /** Commands and sessions. Batches of messages and receipts have connections of their own. */
  message: RpcClient;
  presence: RpcClient;
  sessions: SessionOpener;
  syncer: Syncer;
  sender: MessageSender;
  receipts: ReceiptMarker;
  typing: Typing;
  leases: Leases;
  hub: PresenceHub;
  healer: Healer;
  canary: Canary;
  dialects: Dialects;
}

export function createContext(config: GatewayConfig, overrides: ContextOverrides = {}): GatewayContext {
  const log = overrides.log ?? createLogger({ service: "gateway", level: config.logLevel });
  const clock = overrides.clock ?? systemClock;
  const random = overrides.random ?? Math.random;
  const metrics = createGatewayMetrics();
  const names = redisNames(config.redis.prefix);
  const lifecycle = new Lifecycle(log);

  const url = config.redis.realtimeUrl;
  const redis = createRedis(url, "request", log);
  const presenceSubscriber = createRedis(url, "subscriber", log);
  const realtime = createRealtime({ url, names, log, metrics: metrics.base });
  const rpc = (baseUrl: string, deadlineMs: number, connections: number): RpcClient =>
    new RpcClient({ baseUrl, internalToken: config.internalToken, deadlineMs, connections });
  const message = rpc(config.messageUrl, config.commandDeadlineMs, 16);
  // A storm of sign-ins must not stand between a message and its one request at a time.
  const batches = rpc(config.messageUrl, config.commandDeadlineMs, 2);
  const presence = rpc(config.presenceUrl, config.presenceDeadlineMs, 8);

  const io = createIo(config.transport, realtime.adapter);
  const fanout = new Fanout(realtime, io as unknown as Server);
  const typing = new Typing({ redis, names, fanout, message, clock, metrics, ttlMs: config.typingTtlMs });
  const leases = new Leases({ presence, config, clock, metrics, log, io });
  const hub = new PresenceHub({
    subscriber: presenceSubscriber,
    presence,
    names,
    clock,
    metrics,
    log,
    config: config.watch,
  });
  const healer = new Healer({
    message,
    io,
    metrics,
    log,
    random,
    spreadMs: config.healSpreadMs,
    subscribed: () => realtime.subscribed(),
  });
  const canary = new Canary({
    realtime,
    channel: names.canaryChannel(config.id),
    intervalMs: config.canaryIntervalMs,
    clock,
    metrics,
    log,
    onGap: (cause) => healer.heal(cause),
  });

  lifecycle.onStop("close", "connections", async () => {
    for (const owner of [canary, healer, hub, leases, typing]) owner[Symbol.dispose]();
    await fanout[Symbol.asyncDispose]();
    await io.close();
    realtime[Symbol.dispose]();
    closeRedis(redis, presenceSubscriber);
    await Promise.all([message, batches, presence].map((client) => client[Symbol.asyncDispose]()));
  });

  return {
    config,
    log,
    metrics,
    clock,
    random,
    names,
    lifecycle,
    io,
    redis: [redis, presenceSubscriber, realtime.publisher, realtime.subscriber],
    subscribed: () => realtime.subscribed(),
    limiter: new Limiter({ redis, names, clock, limits: config.limits }),
    verifyToken: overrides.verifyToken ?? createTokenVerifier(config.auth.issuers),
    message,
    presence,
    sessions: new SessionOpener(message, {
      deadlineMs: config.commandDeadlineMs,
      maxWaiting: config.admission.maxHandshakes,
      clock,
    }),
    syncer: new Syncer({ message, deadlineMs: config.commandDeadlineMs, clock }),
    sender: new MessageSender(batches, { ms: config.commandDeadlineMs, clock }),
    receipts: new ReceiptMarker(batches),
    typing,
    leases,
    hub,
    healer,
    canary,
    dialects: new Dialects({ spoken: config.dialects, message, metrics, clock }),
  };
}
