/** Gateways on a real Redis, a stand-in for the services behind them, and clients. */
import { randomBytes } from "node:crypto";
import { Writable } from "node:stream";
import {
  type Ack,
  type ClientToServerEvents,
  type CommandInput,
  type CommandName,
  type EventName,
  type EventPayload,
  PROTOCOL_VERSION,
  type ServerToClientEvents,
} from "@confab/contract";
import { redisNames } from "@confab/contract/internal";
import { createLogger, createMetrics, createRealtime, createRedis, Fanout } from "@confab/runtime";
import { until } from "@confab/testkit";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { io, type Socket } from "socket.io-client";
import { createGateway, readConfig } from "../src/index.ts";
import { INTERNAL_TOKEN, startStandIn } from "./stand-in.ts";

type Overrides = Parameters<typeof createGateway>[1];
type ClientSocket = Socket<ServerToClientEvents, ClientToServerEvents>;

const ISSUER = "confab";
const REDIS_URL = process.env.TEST_REDIS_REALTIME_URL ?? "";
if (!REDIS_URL) throw new Error("TEST_REDIS_REALTIME_URL is not set");

export interface TokenOptions {
  expiresInSeconds?: number;
  sessionId?: string;
  audience?: string;
  issuer?: string;
}

export async function createPlace() {
  const { privateKey, publicKey } = await generateKeyPair("EdDSA");
  const { privateKey: foreignKey } = await generateKeyPair("EdDSA");
  const services = await startStandIn({
    keys: [{ ...(await exportJWK(publicKey)), kid: "a", alg: "EdDSA" }],
  });
  const prefix = `confab-test-${randomBytes(6).toString("hex")}`;
  const log = createLogger({ service: "test", level: "silent" });
  const names = redisNames(prefix);
  const redis = createRedis(REDIS_URL, "worker", log);
  const realtime = createRealtime({ url: REDIS_URL, names, log, metrics: createMetrics("test") });
  const fanout = new Fanout(realtime);
  const opened = new AsyncDisposableStack();

  const sign = (userId: string, options: TokenOptions = {}, key = privateKey): Promise<string> =>
    new SignJWT({ sid: options.sessionId ?? "session", name: `Name of ${userId}` })
      .setProtectedHeader({ alg: "EdDSA", kid: "a" })
      .setSubject(userId)
      .setIssuer(options.issuer ?? ISSUER)
      .setAudience(options.audience ?? "confab")
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + (options.expiresInSeconds ?? 3600))
      .sign(key);

  return {
    services,
    names,
    redis,
    realtime,
    redisUrl: REDIS_URL,
    /** Publishes as the message service does. */
    fanout,
    sign,
    signForeign: (userId: string) => sign(userId, {}, foreignKey),
    start: async (settings: Record<string, string> = {}, overrides?: Overrides) => {
      const config = readConfig({
        HOST: "127.0.0.1",
        GATEWAY_PORT: "0",
        LOG_LEVEL: "silent",
        REDIS_PREFIX: prefix,
        REDIS_REALTIME_URL: REDIS_URL,
        INTERNAL_TOKEN,
        PUBLIC_URL: "https://chat.example.com",
        MESSAGE_URL: services.url,
        PRESENCE_URL: services.url,
        AUTH_JWKS_URL: `${services.url}/.well-known/jwks.json`,
        GATEWAY_DRAIN_WINDOW_MS: "0",
        GATEWAY_DRAIN_ACKS_MS: "500",
        GATEWAY_HEAL_SPREAD_MS: "100",
        ...settings,
      });
      const gateway = opened.use(await createGateway(config, overrides));
      return Object.assign(gateway, { id: config.id });
    },
    /** A client that has got its `ready`. */
    connect: async (url: string, userId: string, options: ClientOptions = {}) => {
      const client = createClient(
        url,
        { token: await sign(userId, options.token), ...options.auth },
        options,
      );
      opened.defer(() => void client.socket.disconnect());
      await client.next("ready");
      return client;
    },
    /** A client that has been refused: what it was told. */
    refusal: (url: string, auth: object, options: ClientOptions = {}) => {
      const { socket } = createClient(url, auth, options);
      opened.defer(() => void socket.disconnect());
      return refusalOf(socket);
    },
    metric: (gateway: { url: string }, line: string | RegExp) => readMetric(gateway.url, line),
    async [Symbol.asyncDispose]() {
      await opened.disposeAsync();
      await fanout[Symbol.asyncDispose]();
      realtime[Symbol.dispose]();
      const keys = await redis.keys(`${prefix}:*`);
      if (keys.length > 0) await redis.del(...keys);
      redis.disconnect();
      await services[Symbol.asyncDispose]();
    },
  };
}
export type Place = Awaited<ReturnType<typeof createPlace>>;

export interface ClientOptions {
  token?: TokenOptions;
  auth?: object;
  headers?: Record<string, string>;
}

export interface Refused {
  code?: string;
  reason?: string;
  retryAfterMs?: number;
}

export function refusalOf(socket: ClientSocket): Promise<Refused> {
  return new Promise((resolve, reject) => {
    socket.once("connect", () => reject(new Error("the client was let in")));
    socket.once("connect_error", (error) => resolve((error as Error & { data?: Refused }).data ?? {}));
  });
}

export function createClient(url: string, auth: object, options: ClientOptions = {}) {
  const socket: ClientSocket = io(url, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    auth: { protocol: PROTOCOL_VERSION, ...auth },
    ...(options.headers && { extraHeaders: options.headers }),
  });
  const received: { event: string; payload: unknown }[] = [];
  socket.onAny((event: string, payload: unknown) => received.push({ event, payload }));
  let ended: string | undefined;
  socket.on("disconnect", (reason) => {
    ended = reason;
  });
  const all = <N extends EventName>(event: N): EventPayload<N>[] =>
    received.filter((entry) => entry.event === event).map((entry) => entry.payload as EventPayload<N>);
  return {
    socket,
    all,
    /** Waits for the n-th event of this name, counting from 0. */
    next: <N extends EventName>(event: N, index = 0): Promise<EventPayload<N>> =>
      until(() => all(event)[index], { describe: `${event} number ${index}` }) as Promise<EventPayload<N>>,
    /** The ack, whatever it says. */
    ask: <N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Ack<object>> =>
      (
        socket.timeout(20_000) as unknown as { emitWithAck(...args: unknown[]): Promise<Ack<object>> }
      ).emitWithAck(event, payload),
    ended: () => until(() => ended, { describe: "the client's end" }),
  };
}
export type Client = ReturnType<typeof createClient>;

/** The refusal of an ack. */
export function errorOf(ack: Ack<object>): { code: string; reason: string; requestId?: string } {
  if (ack.ok) throw new Error("the command was not refused");
  return ack.error;
}

export const aMessage = (body: string, conversationId = "1") => ({
  conversationId,
  clientMessageId: crypto.randomUUID(),
  body,
});

/** A gateway's log, and the lines that were written to it. */
export function keepLog(level: "info" | "warn") {
  const logged: string[] = [];
  const sink = new Writable({
    write: (line, _encoding, done) => {
      logged.push(String(line));
      done();
    },
  });
  return { log: createLogger({ service: "gateway", level }, sink), logged };
}

async function readMetric(url: string, line: string | RegExp): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const matches = (candidate: string): boolean =>
    typeof line === "string" ? candidate.startsWith(line) : line.test(candidate);
  const found = text.split("\n").filter((candidate) => !candidate.startsWith("#") && matches(candidate));
  return found.reduce((sum, candidate) => sum + Number(candidate.split(" ").at(-1)), 0);
}
