import { timingSafeEqual } from "node:crypto";
import { ChatError, ERROR_CODES, type HttpRoute, type Problem } from "@confab/contract";
import type { InternalRoute } from "@confab/contract/internal";
import fastify, {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import type { z } from "zod";
import { bearerToken } from "./auth.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { parseInput } from "./parse.ts";

export type HttpServer = FastifyInstance;

export interface HttpServerOptions {
  log: Logger;
  metrics: Metrics;
  lifecycle: Lifecycle;
  /** Why the service cannot do its work now, or undefined when it can. Never waits. */
  unready: () => string | undefined;
  /** Why only a new process can help, or undefined. Never waits. */
  dead?: () => string | undefined;
  bodyLimitBytes?: number;
  /** Whose `X-Forwarded-For` is believed: addresses, ranges, `loopback`; comma-separated. */
  trustProxy?: boolean | string;
  /** A dependency's faults in Confab's terms; what it calls `internal` is logged. */
  asChatError?: (error: unknown) => ChatError;
}

const REQUEST_ID = /^[\w.-]{8,64}$/;

/** Fastify with Confab's errors, health and metrics; every service's HTTP surface starts from it. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { log, metrics, lifecycle } = options;
  const duration = metrics.histogram(
    "chat_http_request_duration_seconds",
    "From the request's head to the reply's end",
    ["route", "status"],
  );
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimitBytes ?? 1024 * 1024,
    trustProxy: options.trustProxy ?? false,
    routerOptions: { maxParamLength: 300 },
    forceCloseConnections: "idle",
    genReqId: (request) => {
      const given = request.headers["x-request-id"];
      return typeof given === "string" && REQUEST_ID.test(given) ? given : crypto.randomUUID();
    },
  }) as unknown as HttpServer;

  app.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  app.addHook("onResponse", async (request, reply) => {
    duration.observe(
      { route: request.routeOptions.url ?? "none", status: reply.statusCode },
      reply.elapsedTime / 1000,
    );
  });
  app.setErrorHandler((error, request, reply) => {
    return sendProblem(refusalOf(error, options.asChatError), request, reply, error);
  });
  app.setNotFoundHandler((request, reply) =>
    sendProblem(new ChatError("not_found", { reason: "no_such_route" }), request, reply),
  );

  app.get("/livez", async (_request, reply) => {
    const reason = options.dead?.();
    return reply.code(reason ? 503 : 200).send({ ok: !reason, ...(reason && { reason }) });
  });
  app.get("/readyz", async (_request, reply) => {
    const reason = lifecycle.stopping ? "stopping" : options.unready();
    return reply.code(reason ? 503 : 200).send({ ok: !reason, ...(reason && { reason }) });
  });
  app.get("/metrics", async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  // A kept connection must not hold the process: idle ones are closed, busy ones are given their answer first.
  lifecycle.onStop("drain", "http", () => app.close(), 10_000);
  return app;
}

/** Whatever a handler threw, in Confab's terms; for routes that word their refusals in another form. */
export const refusalOf = (error: unknown, asChatError = unknownFault): ChatError =>
  knownRefusal(error) ?? asChatError(error);

const unknownFault = (error: unknown): ChatError => new ChatError("internal", { cause: error });

/** What was thrown on purpose, by Fastify too, in Confab's terms. */
function knownRefusal(error: unknown): ChatError | undefined {
  if (error instanceof ChatError) return error;
  const { statusCode, code } = error as { statusCode?: number; code?: string };
  if (statusCode === 413) return new ChatError("too_large", { reason: "body_too_large", cause: error });
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new ChatError("invalid", { reason: code?.toLowerCase() ?? "bad_request", cause: error });
  }
  return undefined;
}

function sendProblem(error: ChatError, request: FastifyRequest, reply: FastifyReply, thrown?: unknown) {
  const { status, message } = ERROR_CODES[error.code];
  if (error.code === "internal") request.log.error({ err: thrown, reqId: request.id }, "request failed");
  const problem: Problem = {
    type: `urn:confab:error:${error.code}`,
    title: message,
    status,
    ...error.toWire(request.id),
  };
  if (error.retryAfterMs !== undefined) reply.header("retry-after", Math.ceil(error.retryAfterMs / 1000));
  return reply.code(status).type("application/problem+json").send(problem);
}

type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined;
export interface RouteInput<R extends HttpRoute, A> {
  params: Parsed<R["params"]>;
  query: Parsed<R["query"]>;
  headers: Parsed<R["headers"]>;
  body: Parsed<R["body"]>;
  actor: A;
  request: FastifyRequest;
}
export type RouteReply<R extends HttpRoute> = R["reply"] extends z.ZodType ? z.input<R["reply"]> : undefined;

/**
 * Puts a route of the contract on the server: who calls is settled by `authenticate` first, then every part of
 * the request is parsed by the route's schemas, then the handler runs.
 */
export function bindRoute<const R extends HttpRoute, A>(
  app: HttpServer,
  route: R,
  authenticate: (request: FastifyRequest, route: HttpRoute) => Promise<A>,
  handler: (input: RouteInput<R, A>) => Promise<RouteReply<R>>,
): void {
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const actor = await authenticate(request, route);
      const part = (schema: z.ZodType | undefined, value: unknown) =>
        schema ? parseInput(schema, value) : undefined;
      const input = {
        params: part(route.params, request.params),
        query: part(route.query, request.query),
        headers: part(route.headers, request.headers),
        body: part(route.body, request.body),
        actor,
        request,
      } as RouteInput<R, A>;
      const answer = await handler(input);
      reply.code(route.status);
      return route.reply ? answer : reply.send();
    },
  });
}

/** Puts an internal route on the server; whoever lacks the services' shared secret gets `unauthenticated`. */
export function bindInternalRoute<const R extends InternalRoute>(
  app: HttpServer,
  route: R,
  internalToken: string,
  handler: (body: z.output<R["body"]>) => Promise<z.input<R["reply"]>>,
): void {
  app.post(route.path, async (request) => {
    requireSecret(bearerToken(request.headers.authorization), internalToken);
    const body = parseInput<R["body"]>(route.body, request.body);
    return handler(body);
  });
}

function requireSecret(given: string, expected: string): void {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  if (a.length !== b.length || !timingSafeEqual(a, b)) {
    throw new ChatError("unauthenticated", { reason: "internal_token" });
  }
}
