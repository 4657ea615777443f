import { createHttpServer, type HttpServer } from "@confab/runtime";
import type { DeliveryContext } from "./context.ts";

/** Health and metrics; the work comes by the queue. */
export function createServer(ctx: DeliveryContext): HttpServer {
  return createHttpServer({
    log: ctx.log,
    metrics: ctx.metrics,
    lifecycle: ctx.lifecycle,
    unready: () => {
      if (!ctx.db.prisma) return "mysql";
      return ctx.progress.queueUsable ? undefined : "queue";
    },
    dead: () => (ctx.progress.stalled() ? "no_progress" : undefined),
  });
}
