/** Who may open a connection at all: decided from the upgrade request, before a socket exists. */
import type { IncomingMessage } from "node:http";
import { ChatError } from "@confab/contract";
import type { Limiter } from "@confab/runtime";
import proxyAddr from "@fastify/proxy-addr";
import type { GatewayConfig } from "./config.ts";
import type { Turnstile } from "./turnstile.ts";

const LOCAL_HOSTS = new Set(["localhost", "127.0.0.1"]);

export interface AdmissionOptions {
  config: GatewayConfig["admission"];
  limiter: Limiter;
  random: () => number;
  stopping: () => boolean;
  /** Sockets that are open. */
  connections: () => number;
  turnstile: Turnstile;
}

/** Refuses with a ChatError, or lets pass. */
export function createAdmission(options: AdmissionOptions): (request: IncomingMessage) => Promise<void> {
  const { config, limiter } = options;
  const trusted = proxyAddr.compile(config.trustProxy);
  const allowsOrigin = createOriginCheck(config);
  return async (request) => {
    if (options.stopping()) {
      throw new ChatError("unavailable", { reason: "draining", retryAfterMs: comeBackIn(options) });
    }
    // Cross-site pages carry no token of ours, but a page that got hold of one must not use it from there.
    if (!allowsOrigin(request.headers.origin)) throw new ChatError("forbidden", { reason: "origin" });
    if (options.connections() >= config.maxConnections) {
      throw new ChatError("unavailable", { reason: "full", retryAfterMs: comeBackIn(options) });
    }
    await limiter.take("connectAddress", proxyAddr(request, trusted));
    await options.turnstile.enter(() => request.socket.destroyed);
  };
}

/** Scattered, as all who are sent away at the same time come back at the same time. */
export const comeBackIn = ({ random }: { random: () => number }): number => 1000 + random() * 4000;

/** Exact comparison of the whole origin: no wildcards, no suffixes. */
export function createOriginCheck(
  config: Pick<GatewayConfig["admission"], "origins" | "development" | "allowNoOrigin">,
): (origin: string | undefined) => boolean {
  const allowed = new Set(config.origins);
  return (origin) => {
    if (origin === undefined) return config.allowNoOrigin;
    if (allowed.has(origin)) return true;
    return config.development && isLocal(origin);
  };
}

function isLocal(origin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && LOCAL_HOSTS.has(url.hostname);
}
