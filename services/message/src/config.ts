import { RATE_LIMITS, type RateLimit } from "@confab/contract";
import { authSettings, loadConfig, setting, sharedSettings } from "@confab/runtime";
import { z } from "zod";

/** Ed25519 as a JWK; `kid` is derived from the key, so that no two keys can claim the same. */
const publicKey = { kty: z.literal("OKP"), crv: z.literal("Ed25519"), x: z.string().min(1) };
const PublicKey = z.object(publicKey);
const PrivateKey = z.object({ ...publicKey, d: z.string().min(1) });

const RateLimitSetting = z.strictObject({
  burst: z.number().int().min(1),
  perSecond: z.number().positive(),
});

/** Limits that only this service knows, beside those that the contract publishes. */
const OWN_LIMITS = {
  /** Items of `POST /v1/publish`, per service token. */
  publish: { burst: 500, perSecond: 500 },
  /** 100 in 10 minutes per address: an office behind one address signs up, a script does not. */
  register: { burst: 100, perSecond: 100 / 600 },
  /** 10 failures in 15 minutes per account and address. */
  login: { burst: 10, perSecond: 10 / 900 },
  /** Refresh and logout, per address. */
  session: { burst: 300, perSecond: 5 },
} satisfies Record<string, RateLimit>;
const DEFAULT_LIMITS = { ...RATE_LIMITS, ...OWN_LIMITS };
export type LimitName = keyof typeof DEFAULT_LIMITS;

/** Every setting of this service; `.env.example` and the reference of settings are made from it. */
export const environment = z.object({
  ...sharedSettings,
  ...authSettings,
  MESSAGE_PORT: setting.port.default(4001).describe("TCP port of the HTTP server; 0 takes any free one"),
  PUBLIC_URL: setting.url.describe("address under which people reach Confab, as REST documents name it"),
  MYSQL_URL: z.string().min(1).describe("mysql://user:password@host:port/database; `?ssl=true` for TLS"),
  MESSAGE_DB_POOL_SIZE: setting.integer
    .min(2)
    .max(100)
    .default(10)
    .describe("connections to MySQL per process; all processes together stay below its max_connections, 151"),
  REDIS_REALTIME_URL: z.string().min(1).describe("Redis of fan-out and limits; may lose everything"),
  REDIS_QUEUE_URL: z.string().min(1).describe("Redis of BullMQ; noeviction and append-only file"),
  PRESENCE_URL: setting.url.describe("address of the presence service"),
  MESSAGE_PRESENCE_DEADLINE_MS: setting.integer
    .min(1)
    .max(60_000)
    .default(3_000)
    .describe("longest wait for the presence service, in milliseconds; nothing that is said waits for it"),
  AUTH_SIGNING_KEY: setting
    .json(PrivateKey)
    .describe("private Ed25519 JWK that access tokens are signed with; keep it in a mounted secret"),
  AUTH_RETIRED_KEYS: setting
    .json(z.array(PublicKey))
    .default([])
    .describe(
      "public Ed25519 JWKs, a JSON array, that are accepted beside the signing key: earlier ones until their tokens expire, and the next one",
    ),
  MESSAGE_ACCESS_TOKEN_SECONDS: setting.integer
    .min(60)
    .max(86_400)
    .default(900)
    .describe(
      "life of an access token in seconds; short, because it cannot be called back everywhere at once",
    ),
  MESSAGE_REFRESH_TOKEN_DAYS: setting.integer
    .min(1)
    .max(365)
    .default(30)
    .describe("days until somebody who was not seen must sign in again"),
  MESSAGE_PASSWORD_HASHES: setting.integer
    .min(1)
    .max(32)
    .default(2)
    .describe("password hashes computed at once per process, 19 MiB and 20 ms each; the rest waits its turn"),
  MESSAGE_RATE_LIMITS: setting
    .json(
      z.partialRecord(z.enum(Object.keys(DEFAULT_LIMITS) as [LimitName, ...LimitName[]]), RateLimitSetting),
    )
    .default({})
    .describe(
      'limits that differ from the shipped ones, as JSON: { "send": { "burst": 60, "perSecond": 2 } }; tokens and tokens a second, per user, address or service token',
    ),
  MESSAGE_SEND_LANES: setting.integer
    .min(1)
    .max(16)
    .default(2)
    .describe("batches of messages stored at once per process; each holds a connection to MySQL meanwhile"),
  MESSAGE_SETTLE_MS: setting.integer
    .min(10)
    .max(60_000)
    .default(1000)
    .describe(
      "milliseconds between a message and the look at who has not received it, long enough for devices to answer",
    ),
  MESSAGE_INDEX_MS: setting.integer
    .min(10)
    .max(60_000)
    .default(1000)
    .describe("milliseconds between two looks at what search does not know yet"),
  MESSAGE_RECONCILE_SECONDS: setting.integer
    .min(1)
    .max(3600)
    .default(30)
    .describe("seconds between two searches for deliveries that were lost with a process or a queue"),
  MESSAGE_RECONCILE_DAYS: setting.integer
    .min(1)
    .max(365)
    .default(7)
    .describe("days that the first such search after a start looks back; later ones look back ten minutes"),
  MESSAGE_TRUST_PROXY: z
    .string()
    .default("loopback")
    .describe(
      "whose X-Forwarded-For is believed: `none`, or a comma-separated list of addresses, ranges, `loopback`, `linklocal`, `uniquelocal`",
    ),
});

/** The settings in the form that code reads them. */
export function readConfig(env: NodeJS.ProcessEnv) {
  const values = loadConfig(environment, env);
  return Object.freeze({
    host: values.HOST,
    port: values.MESSAGE_PORT,
    publicUrl: values.PUBLIC_URL,
    logLevel: values.LOG_LEVEL,
    trustProxy: values.MESSAGE_TRUST_PROXY === "none" ? false : values.MESSAGE_TRUST_PROXY,
    internalToken: values.INTERNAL_TOKEN,
    mysql: { url: values.MYSQL_URL, poolSize: values.MESSAGE_DB_POOL_SIZE },
    redis: {
      prefix: values.REDIS_PREFIX,
      realtimeUrl: values.REDIS_REALTIME_URL,
      queueUrl: values.REDIS_QUEUE_URL,
    },
    presence: { url: values.PRESENCE_URL, deadlineMs: values.MESSAGE_PRESENCE_DEADLINE_MS },
    auth: {
      issuer: values.AUTH_ISSUER,
      audience: values.AUTH_AUDIENCE,
      outsideIssuers: values.AUTH_ISSUERS,
      signingKey: values.AUTH_SIGNING_KEY,
      retiredKeys: values.AUTH_RETIRED_KEYS,
      accessTokenSeconds: values.MESSAGE_ACCESS_TOKEN_SECONDS,
      refreshTokenMs: values.MESSAGE_REFRESH_TOKEN_DAYS * 86_400_000,
      passwordHashes: values.MESSAGE_PASSWORD_HASHES,
    },
    sendLanes: values.MESSAGE_SEND_LANES,
    indexMs: values.MESSAGE_INDEX_MS,
    owed: {
      settleMs: values.MESSAGE_SETTLE_MS,
      reconcileMs: values.MESSAGE_RECONCILE_SECONDS * 1000,
      lookBackMs: values.MESSAGE_RECONCILE_DAYS * 86_400_000,
    },
    limits: { ...DEFAULT_LIMITS, ...values.MESSAGE_RATE_LIMITS } as Record<LimitName, RateLimit>,
  });
}
export type MessageConfig = ReturnType<typeof readConfig>;
