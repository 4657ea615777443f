/** Message services on stores of their own, people who talk to them by REST, and sockets as a gateway holds them. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { EventName, EventPayload, Session, UserId } from "@confab/contract";
import { conversationRoom, redisNames, SERVER_EVENTS, userRoom } from "@confab/contract/internal";
import { createLogger, createMetrics, createRealtime } from "@confab/runtime";
import { createTestStores, type TestStores, until } from "@confab/testkit";
import { exportJWK, generateKeyPair } from "jose";
import { Server } from "socket.io";
import { io as connect } from "socket.io-client";
import type { ContextOverrides } from "../src/context.ts";
import { createMessageService, type MessageConfig, readConfig } from "../src/index.ts";

export const INTERNAL_TOKEN = "message-tests-message-tests-message";
export const ISSUER = "confab";
export const AUDIENCE = "confab-tests";

export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: a test says what it expects by asserting it
  body: any;
  headers: Headers;
}
export interface CallOptions {
  token?: string | undefined;
  body?: unknown;
  headers?: Record<string, string>;
}

/** A place for services: stores, keys, and the sockets of people. */
export async function createPlace() {
  const stores = await createTestStores();
  const { privateKey } = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
  const signingKey = JSON.stringify(await exportJWK(privateKey));
  const prefix = stores.redisPrefix.replaceAll("_", "-");
  const gateway = await createGateway(stores, prefix);
  return {
    stores,
    prefix,
    privateKey,
    signingKey,
    gateway,
    config: () => configOf(stores, { REDIS_PREFIX: prefix, AUTH_SIGNING_KEY: signingKey }),
    start: (settings: Record<string, string> = {}, overrides: ContextOverrides = {}) =>
      startMessage(
        configOf(stores, { REDIS_PREFIX: prefix, AUTH_SIGNING_KEY: signingKey, ...settings }),
        overrides,
      ),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await stores[Symbol.asyncDispose]();
    },
  };
}
export type Place = Awaited<ReturnType<typeof createPlace>>;

/** Wide limits: what a limit does is tested where it is set. */
const WIDE = Object.fromEntries(
  ["send", "change", "receipt", "read", "search", "register", "login", "session", "publish"].map((name) => [
    name,
    { burst: 100_000, perSecond: 100_000 },
  ]),
);

const configOf = (stores: TestStores, settings: Record<string, string>): MessageConfig =>
  readConfig({
    HOST: "127.0.0.1",
    MESSAGE_PORT: "0",
    LOG_LEVEL: "silent",
    PUBLIC_URL: "http://confab.test",
    INTERNAL_TOKEN,
    AUTH_ISSUER: ISSUER,
    AUTH_AUDIENCE: AUDIENCE,
    MYSQL_URL: stores.mysqlUrl,
    REDIS_REALTIME_URL: stores.redisRealtimeUrl,
    REDIS_QUEUE_URL: stores.redisQueueUrl,
    // Nobody is there: nothing but a status is ever told to presence.
    PRESENCE_URL: "http://127.0.0.1:9",
    MESSAGE_RATE_LIMITS: JSON.stringify(WIDE),
    ...settings,
  });

async function startMessage(config: MessageConfig, overrides: ContextOverrides) {
  const service = await createMessageService(config, overrides);

  async function call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { token, body, headers = {} } = options;
    const raw = typeof body === "string" || body === undefined;
    const response = await fetch(service.url + path, {
      method,
      headers: {
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = response.headers.get("content-type")?.includes("json");
    return {
      status: response.status,
      body: json ? JSON.parse(text) : text,
      headers: response.headers,
    };
  }

  let people = 0;
  return {
    url: service.url,
    call,
    /** An account that is signed in. */
    async person(username = `person${++people}`): Promise<Person> {
      const { status, body } = await call("POST", "/v1/auth/register", {
        body: { username, password: "correct horse" },
      });
      if (status !== 201) throw new Error(`no account for ${username}: ${status} ${JSON.stringify(body)}`);
      return personOf(body, call);
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}
export type MessageService = Awaited<ReturnType<typeof startMessage>>;

type Call = (method: string, path: string, options?: CallOptions) => Promise<Answer>;

function personOf(session: Session, call: Call) {
  const as = (method: string) => (path: string, body?: unknown) =>
    call(method, path, { token: session.accessToken, body });
  return {
    ...session,
    id: session.user.id as UserId,
    get: as("GET"),
    post: as("POST"),
    patch: as("PATCH"),
    put: as("PUT"),
    delete: as("DELETE"),
  };
}
export type Person = ReturnType<typeof personOf>;

/** What a gateway does with sockets, without asking who they are: rooms, joins, closing by session. */
async function createGateway(stores: TestStores, prefix: string) {
  const realtime = createRealtime({
    url: stores.redisRealtimeUrl,
    names: redisNames(prefix),
    log: createLogger({ service: "test", level: "silent" }),
    metrics: createMetrics("test"),
  });
  const http = createServer();
  const io = new Server(http, { adapter: realtime.adapter });
  const revoked: { userId: UserId; sessionId: string }[] = [];
  io.on(SERVER_EVENTS.sessionRevoked, (session) => revoked.push(session));
  io.on("connection", async (socket) => {
    const { userId, groupIds = [] } = socket.handshake.auth as { userId: UserId; groupIds?: string[] };
    await socket.join([userRoom(userId), ...groupIds.map(conversationRoom)]);
    await realtime.subscribed();
    socket.emit("joined");
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const sockets: ReturnType<typeof connect>[] = [];
  return {
    /** Sessions that gateways were told to close. */
    revoked,
    /** Whether some socket of the person is in the group's room. */
    hears: (userId: UserId, conversationId: string) =>
      [...(io.sockets.adapter.rooms.get(userRoom(userId)) ?? [])].some((id) =>
        io.sockets.adapter.rooms.get(conversationRoom(conversationId))?.has(id),
      ),
    /** A device of this person, and all that it hears. */
    async connect(userId: UserId, groupIds: string[] = []): Promise<Device> {
      const socket = connect(url, { transports: ["websocket"], forceNew: true, auth: { userId, groupIds } });
      sockets.push(socket);
      const heard: Heard[] = [];
      socket.onAny((event: string, payload: unknown) => heard.push({ event, payload }));
      await until(() => heard.some(({ event }) => event === "joined"), { describe: "the socket is joined" });
      const all = <N extends EventName>(event: N) =>
        heard.filter((one) => one.event === event).map((one) => one.payload as EventPayload<N>);
      return {
        heard,
        all,
        next: (event, matches = () => true) =>
          until(() => all(event).find(matches), { describe: `${userId} hears ${event}` }),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.disconnect();
      await io.close();
      realtime[Symbol.dispose]();
    },
  };
}

interface Heard {
  event: string;
  payload: unknown;
}
export interface Device {
  heard: Heard[];
  all<N extends EventName>(event: N): EventPayload<N>[];
  next<N extends EventName>(
    event: N,
    matches?: (payload: EventPayload<N>) => boolean,
  ): Promise<EventPayload<N>>;
}
