import type { ConversationId, UserId } from "@confab/contract";
import { type DeliverJob, QUEUES, type RedisNames, redisNames } from "@confab/contract/internal";
import {
  createDb,
  createIdAllocator,
  type IdAllocator,
  type IdName,
  type PrismaClient,
  type SqlPool,
} from "@confab/db";
import {
  type Clock,
  closeRedis,
  createLogger,
  createMetrics,
  createRealtime,
  createRedis,
  createTokenVerifier,
  Fanout,
  Lifecycle,
  Limiter,
  type Logger,
  type Metrics,
  type Redis,
  RpcClient,
  rememberTokens,
  systemClock,
  type TokenVerifier,
} from "@confab/runtime";
import { Queue } from "bullmq";
import { createLocalJWKSet } from "jose";
import { LRUCache } from "lru-cache";
import type { ServiceActor } from "./auth.ts";
import type { MessageConfig } from "./config.ts";
import { createKeys, type SigningKeys } from "./users/keys.ts";
import { createPasswords, type Passwords } from "./users/password.ts";

/** What a test may put in the place of the real thing. */
export interface ContextOverrides {
  log?: Logger;
  clock?: Clock;
  /** In [0, 1). */
  random?: () => number;
}

/** Ids of a block are lost when the process ends, so rarer things take smaller blocks. */
const ID_BLOCKS = { message: 1000, conversation: 100, user: 100 };
/** A group that grows or shrinks across the line changes its ways this much later. */
const GROUP_SIZE_AGE_MS = 60_000;
/** A revoked service token or session is refused everywhere this long after at the latest. */
const REVOCATION_DELAY_MS = 5_000;

/** Everything that the functions of this service need; each takes it as its first argument. */
export interface MessageContext {
  config: MessageConfig;
  log: Logger;
  metrics: Metrics;
  clock: Clock;
  /** In [0, 1); for jitter, never for secrets. */
  random: () => number;
  names: RedisNames;
  lifecycle: Lifecycle;
  /** Models; on the same connections as `sql`. */
  prisma: PrismaClient;
  /** Statements written by hand. */
  sql: SqlPool;
  ids: Record<IdName, IdAllocator>;
  fanout: Fanout;
  limiter: Limiter;
  /** Told what people say of themselves; no message waits for it. */
  presence: RpcClient;
  /** Adding fails at once when Redis is away: what is owed is found again from the watermarks. */
  deliverQueue: Queue<DeliverJob>;
  /** The queue's own connection, to see whether its Redis still has what was put there. */
  queueRedis: Redis;
  /** Conversations with a new message since the last settle pass. A hint: what is lost here is found by the reconciler. */
  dirty: Set<ConversationId>;
  /** Conversations with a message that search does not know as it is now. A hint, like `dirty`. */
  unindexed: Set<ConversationId>;
  keys: SigningKeys;
  passwords: Passwords;
  verifyToken: TokenVerifier;
  /** What may be remembered for a while; every entry can be had from MySQL again. */
  caches: {
    /** Direct key to conversation: never changes once it exists. */
    directIds: LRUCache<string, ConversationId>;
    /** Users that are known to exist: nobody is ever removed. */
    knownUsers: LRUCache<UserId, true>;
    /** Whether a group has too many members for all of them to hear each other's receipts. */
    largeGroups: LRUCache<ConversationId, boolean>;
    serviceTokens: LRUCache<string, ServiceActor & { secretHash: Buffer }>;
    liveSessions: LRUCache<string, boolean>;
  };
}

export async function createContext(
  config: MessageConfig,
  overrides: ContextOverrides = {},
): Promise<MessageContext> {
  const log = overrides.log ?? createLogger({ service: "message", level: config.logLevel });
  const clock = overrides.clock ?? systemClock;
  const metrics = createMetrics("message");
  const names = redisNames(config.redis.prefix);
  const lifecycle = new Lifecycle(log);

  const keys = await createKeys(config.auth);
  const db = await createDb({ ...config.mysql, log });
  const { prisma, sql } = db;
  lifecycle.onStop("close", "mysql", () => db[Symbol.asyncDispose]());

  const limits = createRedis(config.redis.realtimeUrl, "request", log);
  const realtime = createRealtime({ url: config.redis.realtimeUrl, names, log, metrics });
  const fanout = new Fanout(realtime);
  const queueConnection = createRedis(config.redis.queueUrl, "request", log);
  const deliverQueue = createDeliverQueue(queueConnection, names);
  lifecycle.onStop("close", "redis", async () => {
    await fanout[Symbol.asyncDispose]();
    realtime[Symbol.dispose]();
    closeRedis(limits, queueConnection);
  });

  const presence = new RpcClient({
    baseUrl: config.presence.url,
    internalToken: config.internalToken,
    deadlineMs: config.presence.deadlineMs,
  });
  lifecycle.onStop("close", "presence", () => presence[Symbol.asyncDispose]());

  return {
    config,
    log,
    metrics,
    clock,
    random: overrides.random ?? Math.random,
    names,
    lifecycle,
    prisma,
    sql,
    ids: {
      message: createIdAllocator(sql, "message", ID_BLOCKS.message),
      conversation: createIdAllocator(sql, "conversation", ID_BLOCKS.conversation),
      user: createIdAllocator(sql, "user", ID_BLOCKS.user),
    },
    fanout,
    limiter: new Limiter({ redis: limits, names, clock, limits: config.limits }),
    presence,
    deliverQueue,
    queueRedis: queueConnection,
    dirty: new Set(),
    unindexed: new Set(),
    keys,
    passwords: createPasswords(config.auth.passwordHashes),
    verifyToken: rememberTokens(
      createTokenVerifier([
        {
          issuer: config.auth.issuer,
          audience: config.auth.audience,
          jwksUrl: `${config.publicUrl}/.well-known/jwks.json`,
          keys: createLocalJWKSet(keys.jwks),
        },
        ...config.auth.outsideIssuers,
      ]),
      clock,
    ),
    caches: {
      directIds: new LRUCache({ max: 50_000 }),
      knownUsers: new LRUCache({ max: 50_000 }),
      largeGroups: new LRUCache({ max: 50_000, ttl: GROUP_SIZE_AGE_MS }),
      serviceTokens: new LRUCache({ max: 1000, ttl: REVOCATION_DELAY_MS }),
      liveSessions: new LRUCache({ max: 50_000, ttl: REVOCATION_DELAY_MS }),
    },
  };
}

function createDeliverQueue(connection: Redis, names: RedisNames): Queue<DeliverJob> {
  const queue = new Queue<DeliverJob>(QUEUES.deliver, {
    connection,
    prefix: names.queuePrefix,
    skipWaitingForReady: true,
    skipVersionCheck: true,
  });
  // The connection's own log says when Redis is away; without a listener it would end the process.
  queue.on("error", () => undefined);
  return queue;
}
