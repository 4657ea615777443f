import type { Secrets } from "./secrets.ts";

export interface ServicePorts {
  message: number;
  presence: number;
  delivery: number;
  /** One for each gateway. */
  gateways: number[];
}

export interface EnvironmentInput {
  stores: {
    /** With the database. */
    mysqlUrl: string;
    redisRealtimeUrl: string;
    redisQueueUrl: string;
  };
  ports: ServicePorts;
  secrets: Secrets;
  /** The address that users see. */
  publicUrl: string;
  /** Keeps clusters apart that share a Redis. */
  redisPrefix?: string;
  logLevel?: string;
}

type Environment = Record<string, string>;

export interface ServiceEnvironments {
  message: Environment;
  presence: Environment;
  delivery: Environment;
  gateways: Environment[];
}

export const SERVICE_HOST = "127.0.0.1";

/** Who issues the tokens of a local stack, and for whom. */
export const AUTH_ISSUER = "confab";
export const AUTH_AUDIENCE = "confab";

export const serviceUrl = (port: number) => `http://${SERVICE_HOST}:${port}`;

/** The environment of every service of one stack. The signing key goes to the message service alone. */
export function serviceEnvironment(input: EnvironmentInput): ServiceEnvironments {
  const { stores, ports, secrets, publicUrl, redisPrefix, logLevel = "info" } = input;
  const shared: Environment = {
    NODE_ENV: "development",
    HOST: SERVICE_HOST,
    LOG_LEVEL: logLevel,
    PUBLIC_URL: publicUrl,
    MYSQL_URL: stores.mysqlUrl,
    REDIS_REALTIME_URL: stores.redisRealtimeUrl,
    REDIS_QUEUE_URL: stores.redisQueueUrl,
    INTERNAL_TOKEN: secrets.internalToken,
    AUTH_ISSUER,
    AUTH_AUDIENCE,
    AUTH_JWKS_URL: `${serviceUrl(ports.message)}/.well-known/jwks.json`,
    MESSAGE_URL: serviceUrl(ports.message),
    PRESENCE_URL: serviceUrl(ports.presence),
    ...(redisPrefix ? { REDIS_PREFIX: redisPrefix } : {}),
  };
  return {
    message: { ...shared, MESSAGE_PORT: String(ports.message), AUTH_SIGNING_KEY: secrets.authSigningKey },
    presence: { ...shared, PRESENCE_PORT: String(ports.presence) },
    delivery: { ...shared, DELIVERY_PORT: String(ports.delivery) },
    gateways: ports.gateways.map((port) => ({ ...shared, GATEWAY_PORT: String(port) })),
  };
}
