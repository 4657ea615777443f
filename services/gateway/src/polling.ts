/**
 * Long polling, for clients that begin with it because their library does: they go on over a WebSocket as soon as they
 * may. Only where dialects are spoken; Confab's own clients never ask for it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { ChatError, ERROR_CODES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import type { Server as Engine } from "engine.io";

export interface PollingOptions {
  path: string;
  /** Throws a ChatError, or lets a new connection in. */
  admit: (request: IncomingMessage) => Promise<void>;
  allowsOrigin: (origin: string | undefined) => boolean;
  onRefused: (reason: string) => void;
}

/** Puts the engine before the application for its own path: request bodies there are the engine's to read. */
export function acceptPolling(app: HttpServer, engine: Engine, options: PollingOptions): void {
  const others = app.server.listeners("request");
  app.server.removeAllListeners("request");
  app.server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith(options.path)) void poll(engine, options, request, response);
    else for (const listener of others) listener.call(app.server, request, response);
  });
}

async function poll(
  engine: Engine,
  { admit, allowsOrigin, onRefused }: PollingOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { origin } = request.headers;
  if (origin !== undefined && allowsOrigin(origin)) {
    response.setHeader("Access-Control-Allow-Origin", origin);
    response.setHeader("Access-Control-Allow-Credentials", "true");
    response.setHeader("Access-Control-Allow-Headers", "content-type, authorization");
    response.setHeader("Vary", "Origin");
  }
  try {
    if (request.method === "OPTIONS") {
      response.writeHead(204).end();
      return;
    }
    if (!isKnown(engine, request)) await admit(request);
    else if (!allowsOrigin(origin)) throw new ChatError("forbidden", { reason: "origin" });
    engine.handleRequest(request as Parameters<Engine["handleRequest"]>[0], response);
  } catch (error) {
    const refusal = error instanceof ChatError ? error : new ChatError("internal", { cause: error });
    onRefused(refusal.code);
    const { retryAfterMs } = refusal;
    response.writeHead(ERROR_CODES[refusal.code].status, {
      "Content-Type": "application/problem+json",
      ...(retryAfterMs !== undefined && { "Retry-After": Math.ceil(retryAfterMs / 1000) }),
    });
    response.end(JSON.stringify(refusal.toWire()));
  }
}

/** Part of a connection that was admitted when it began. */
export function isKnown(engine: Engine, request: IncomingMessage): boolean {
  const sid = new URL(request.url ?? "/", "http://gateway").searchParams.get("sid");
  return sid !== null && Object.hasOwn((engine as unknown as { clients: object }).clients, sid);
}
