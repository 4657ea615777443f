import { createHttpServer, type HttpServer } from "@confab/runtime";
import type { PresenceContext } from "./context.ts";
import { registerRoutes } from "./routes.ts";

/** A beat of 20,000 connections. */
const BODY_LIMIT_BYTES = 8 * 1024 * 1024;

/** The HTTP surface: routes for other services, health, metrics. */
export function createServer(ctx: PresenceContext): HttpServer {
  const app = createHttpServer({
    log: ctx.log,
    metrics: ctx.metrics,
    lifecycle: ctx.lifecycle,
    // Without MySQL leases still work, so it does not count.
    unready: () => (ctx.sweeper.healthy ? undefined : "redis"),
    bodyLimitBytes: BODY_LIMIT_BYTES,
  });
  registerRoutes(app, ctx);
  return app;
}
