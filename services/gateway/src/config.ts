import { randomBytes } from "node:crypto";
import { LIMITS, RATE_LIMITS, type RateLimit } from "@confab/contract";
import { DIALECTS } from "@confab/contract/internal";
import { authSettings, loadConfig, setting, sharedSettings } from "@confab/runtime";
import { z } from "zod";

/** Limits that only gateways know, beside those that the contract publishes. */
const OWN_LIMITS = {
  /** New connections per user. */
  connectUser: { burst: 60, perSecond: 1 },
  /** New connections per address: an office behind one address comes back at once after an outage. */
  connectAddress: { burst: 600, perSecond: 10 },
  /** Events of clients that speak a dialect, of whatever kind: each may have to be looked up. */
  dialectWord: { burst: 200, perSecond: 20 },
} satisfies Record<string, RateLimit>;
/** What a dialect allows beside that. */
const DIALECT_LIMITS: Record<`send@${string}`, RateLimit> = Object.fromEntries(
  DIALECTS.flatMap(({ name, sendLimit }) => (sendLimit ? [[`send@${name}`, sendLimit]] : [])),
);
const DEFAULT_LIMITS = { ...RATE_LIMITS, ...OWN_LIMITS, ...DIALECT_LIMITS };
export type LimitName = keyof typeof DEFAULT_LIMITS;

const RateLimitSetting = z.strictObject({
  burst: z.number().int().min(1),
  perSecond: z.number().positive(),
});
const milliseconds = setting.integer.min(1);

const DIALECT_NAMES = DIALECTS.map(({ name }) => name);
const namesIn = (text: string): string[] => text.split(",").map((name) => name.trim());

/** Every setting of this service; `.env.example` and the reference of settings are made from it. */
export const environment = z.object({
  ...sharedSettings,
  ...authSettings,
  NODE_ENV: z
    .enum(["development", "test", "production"])
    .default("production")
    .describe("`development` also admits pages of localhost and 127.0.0.1, on any port"),
  GATEWAY_PORT: setting.port.default(4000).describe("TCP port for sockets, health and metrics; 0 takes any"),
  GATEWAY_ID: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,40}$/)
    .optional()
    .describe("name of this process among the gateways, such as the pod's; default: a random one"),
  PUBLIC_URL: setting.url.describe("address under which people reach Confab; its pages may connect"),
  GATEWAY_ORIGINS: setting.list
    .default([])
    .describe("further origins whose pages may connect, comma-separated, compared exactly"),
  GATEWAY_ALLOW_NO_ORIGIN: setting.flag
    .default(true)
    .describe("admits clients that send no Origin, as apps and bots; they bring a token like everyone"),
  GATEWAY_TRUST_PROXY: z
    .string()
    .default("loopback")
    .describe(
      "whose X-Forwarded-For is believed: `none`, or a comma-separated list of addresses, ranges, `loopback`, `linklocal`, `uniquelocal`",
    ),
  REDIS_REALTIME_URL: z.string().min(1).describe("Redis of fan-out and limits; may lose everything"),
  AUTH_JWKS_URL: setting.url.describe("where the keys of Confab's own tokens are: the message service's"),
  MESSAGE_URL: setting.url.describe("address of the message service"),
  PRESENCE_URL: setting.url.describe("address of the presence service"),
  GATEWAY_MAX_CONNECTIONS: setting.integer
    .min(1)
    .default(20_000)
    .describe("sockets per process; beyond it, new ones get 503. Plan 25 KiB of memory for each"),
  GATEWAY_MAX_HANDSHAKES: setting.integer
    .min(1)
    .default(300)
    .describe(
      "connections that may be signing in at the same time; others wait for their turn. More are not faster, and each takes longer",
    ),
  GATEWAY_MAX_WAITING: setting.integer
    .min(0)
    .default(10_000)
    .describe(
      "connections that may wait for their turn to sign in, for 10 s at most; beyond it, new ones get 503",
    ),
  GATEWAY_RATE_LIMITS: setting
    .json(
      z.partialRecord(z.enum(Object.keys(DEFAULT_LIMITS) as [LimitName, ...LimitName[]]), RateLimitSetting),
    )
    .default({})
    .describe(
      'limits that differ from the shipped ones, as JSON: { "send": { "burst": 60, "perSecond": 2 } }; tokens and tokens a second, per user or address',
    ),
  GATEWAY_DIALECTS: z
    .string()
    .default(DIALECT_NAMES.join(","))
    .refine((text) => namesIn(text).every((name) => name === "none" || DIALECT_NAMES.includes(name)), {
      message: `known are ${DIALECT_NAMES.join(", ")}; or none`,
    })
    .describe(
      "dialects of older Socket.IO chats that clients may speak, comma-separated, or `none`. `chat_gateway_dialect_connections_total` tells which are in use",
    ),
  GATEWAY_STRIKES: setting.integer
    .min(1)
    .default(100)
    .describe("commands of one socket that may be refused as malformed or too frequent within 10 s"),
  GATEWAY_COMMAND_DEADLINE_MS: milliseconds
    .default(5000)
    .describe("a command that takes longer is answered with `timeout`: its outcome is then unknown"),
  GATEWAY_PRESENCE_DEADLINE_MS: milliseconds
    .default(2000)
    .describe("longest wait for the presence service, which chat goes on without"),
  GATEWAY_PING_INTERVAL_MS: milliseconds.default(25_000).describe("pause between pings of an idle socket"),
  GATEWAY_PING_TIMEOUT_MS: milliseconds
    .default(10_000)
    .describe("a socket whose pong takes longer is taken for dead"),
  GATEWAY_CONNECT_TIMEOUT_MS: milliseconds
    .default(10_000)
    .describe("a connection that has not signed in by then is closed"),
  GATEWAY_EXPIRY_NOTICE_MS: milliseconds
    .default(60_000)
    .describe("how long before its end an access token is announced as expiring"),
  GATEWAY_EXPIRY_GRACE_MS: setting.integer
    .min(0)
    .default(5000)
    .describe("how long after the end of its token a socket is closed"),
  GATEWAY_EXPIRY_SWEEP_MS: milliseconds.default(2000).describe("pause between looks at all tokens' ends"),
  GATEWAY_BEAT_INTERVAL_MS: milliseconds
    .default(25_000)
    .describe("pause between renewals of all presence leases; a lease lasts 52 s"),
  GATEWAY_CANARY_INTERVAL_MS: milliseconds
    .default(2000)
    .describe("pause between packets to itself through Redis; three that are missed mean degraded"),
  GATEWAY_HEAL_SPREAD_MS: setting.integer
    .min(0)
    .default(5000)
    .describe("over what time `head` frames are spread after Redis was away: each may make a client ask"),
  GATEWAY_WATCHED_USERS: setting.integer
    .min(1)
    .default(1000)
    .describe("people whose presence one socket may follow"),
  GATEWAY_PRESENCE_TICK_MS: milliseconds
    .default(1000)
    .describe("pause between batches of presence changes to a socket"),
  GATEWAY_WATCH_CHECK_MS: milliseconds
    .default(60_000)
    .describe("how often it is checked that watchers still share a conversation with whom they watch"),
  GATEWAY_TYPING_TTL_MS: milliseconds
    .max(10_000)
    .default(5000)
    .describe("how long somebody counts as typing after the last `typing:start`"),
  GATEWAY_SLOW_BYTES: setting.integer
    .min(1)
    .default(1024 * 1024)
    .describe("bytes waiting for one socket beyond which it is closed; its client comes back and syncs"),
  GATEWAY_SLOW_PACKETS: setting.integer
    .min(1)
    .default(500)
    .describe("packets waiting for one socket beyond which it is closed"),
  GATEWAY_SLOW_MS: milliseconds
    .default(10_000)
    .describe("a socket that takes nothing of what waits for it for this long is closed"),
  GATEWAY_SLOW_CHECK_MS: milliseconds.default(1000).describe("pause between looks for slow readers"),
  GATEWAY_DRAIN_WINDOW_MS: setting.integer
    .min(0)
    .default(20_000)
    .describe("over what time sockets are sent away when the process stops"),
  GATEWAY_DRAIN_ACKS_MS: setting.integer
    .min(0)
    .default(5000)
    .describe("how long a socket that is sent away waits for the answers to its commands"),
});

/** The settings in the form that code reads them. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const values = loadConfig(environment, env);
  const dialects = DIALECTS.filter(({ name }) => namesIn(values.GATEWAY_DIALECTS).includes(name));
  return Object.freeze({
    id: values.GATEWAY_ID ?? `gateway-${randomBytes(4).toString("hex")}`,
    host: values.HOST,
    port: values.GATEWAY_PORT,
    logLevel: values.LOG_LEVEL,
    internalToken: values.INTERNAL_TOKEN,
    redis: { prefix: values.REDIS_PREFIX, realtimeUrl: values.REDIS_REALTIME_URL },
    messageUrl: values.MESSAGE_URL,
    presenceUrl: values.PRESENCE_URL,
    auth: {
      issuer: values.AUTH_ISSUER,
      issuers: [
        { issuer: values.AUTH_ISSUER, audience: values.AUTH_AUDIENCE, jwksUrl: values.AUTH_JWKS_URL },
        ...values.AUTH_ISSUERS,
      ],
      noticeMs: values.GATEWAY_EXPIRY_NOTICE_MS,
      graceMs: values.GATEWAY_EXPIRY_GRACE_MS,
      sweepMs: values.GATEWAY_EXPIRY_SWEEP_MS,
    },
    admission: {
      origins: [new URL(values.PUBLIC_URL).origin, ...values.GATEWAY_ORIGINS],
      development: values.NODE_ENV === "development",
      allowNoOrigin: values.GATEWAY_ALLOW_NO_ORIGIN,
      trustProxy: values.GATEWAY_TRUST_PROXY === "none" ? [] : values.GATEWAY_TRUST_PROXY.split(","),
      maxConnections: values.GATEWAY_MAX_CONNECTIONS,
      maxHandshakes: values.GATEWAY_MAX_HANDSHAKES,
      maxWaiting: values.GATEWAY_MAX_WAITING,
    },
    transport: {
      frameBytes: LIMITS.frameBytes,
      /** Older clients begin with long polling. */
      polling: dialects.length > 0,
      pingIntervalMs: values.GATEWAY_PING_INTERVAL_MS,
      pingTimeoutMs: values.GATEWAY_PING_TIMEOUT_MS,
      connectTimeoutMs: values.GATEWAY_CONNECT_TIMEOUT_MS,
    },
    limits: { ...DEFAULT_LIMITS, ...values.GATEWAY_RATE_LIMITS } as Record<LimitName, RateLimit>,
    dialects,
    strikes: values.GATEWAY_STRIKES,
    commandDeadlineMs: values.GATEWAY_COMMAND_DEADLINE_MS,
    presenceDeadlineMs: values.GATEWAY_PRESENCE_DEADLINE_MS,
    beatIntervalMs: values.GATEWAY_BEAT_INTERVAL_MS,
    canaryIntervalMs: values.GATEWAY_CANARY_INTERVAL_MS,
    healSpreadMs: values.GATEWAY_HEAL_SPREAD_MS,
    watch: {
      maxUsers: values.GATEWAY_WATCHED_USERS,
      tickMs: values.GATEWAY_PRESENCE_TICK_MS,
      checkMs: values.GATEWAY_WATCH_CHECK_MS,
    },
    typingTtlMs: values.GATEWAY_TYPING_TTL_MS,
    slow: {
      bytes: values.GATEWAY_SLOW_BYTES,
      packets: values.GATEWAY_SLOW_PACKETS,
      stuckMs: values.GATEWAY_SLOW_MS,
      checkMs: values.GATEWAY_SLOW_CHECK_MS,
    },
    drain: { windowMs: values.GATEWAY_DRAIN_WINDOW_MS, acksMs: values.GATEWAY_DRAIN_ACKS_MS },
  });
}
export type GatewayConfig = ReturnType<typeof readConfig>;
