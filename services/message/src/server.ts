import { createHttpServer, type HttpServer } from "@confab/runtime";
import type { MessageContext } from "./context.ts";
import { asChatError } from "./faults.ts";
import { watchDatabase } from "./health.ts";
import { createSender } from "./messages/sender.ts";
import { createMarker } from "./receipts/marker.ts";
import { registerAuthRoutes } from "./routes/auth.ts";
import { registerConversationRoutes } from "./routes/conversations.ts";
import { registerDocsRoutes } from "./routes/docs.ts";
import { registerInternalRoutes } from "./routes/internal.ts";
import { registerLookups } from "./routes/lookups.ts";
import { registerMessageRoutes } from "./routes/messages.ts";
import { registerModerationRoutes } from "./routes/moderation.ts";
import { registerPublishRoutes } from "./routes/publish.ts";
import { registerReadingRoutes } from "./routes/reading.ts";
import { registerReceiptRoutes } from "./routes/receipts.ts";
import { registerSearchRoutes } from "./routes/search.ts";
import { registerSeed003Routes } from "./routes/seed-003.ts";
import { registerSyncRoutes } from "./routes/sync.ts";
import { registerThreadRoutes } from "./routes/threads.ts";
import { registerUserRoutes } from "./routes/users.ts";

/** One message with its metadata, at JSON's most wasteful, and room to spare. */
const BODY_LIMIT_BYTES = 256 * 1024;
/** A hundred items of `/v1/publish`, or a gateway's batch. */
const BATCH_BODY_LIMIT_BYTES = 8 * 1024 * 1024;
const takesBatches = (path: string) => path === "/v1/publish" || path.startsWith("/internal/");

/** The HTTP surface: public REST and the routes for other services. */
export function createServer(ctx: MessageContext): HttpServer {
  const app = createHttpServer({
    log: ctx.log,
    metrics: ctx.metrics,
    lifecycle: ctx.lifecycle,
    unready: watchDatabase(ctx),
    bodyLimitBytes: BODY_LIMIT_BYTES,
    trustProxy: ctx.config.trustProxy,
    asChatError,
  });
  app.addHook("onRoute", (route) => {
    if (takesBatches(route.url)) route.bodyLimit = BATCH_BODY_LIMIT_BYTES;
  });
  registerAuthRoutes(app, ctx);
  registerUserRoutes(app, ctx);
  registerConversationRoutes(app, ctx);
  const sender = createSender(ctx);
  const marker = createMarker(ctx);
  registerMessageRoutes(app, ctx, sender);
  registerReceiptRoutes(app, ctx, marker);
  registerModerationRoutes(app, ctx);
  registerReadingRoutes(app, ctx);
  registerThreadRoutes(app, ctx);
  registerSearchRoutes(app, ctx);
  registerSyncRoutes(app, ctx);
  registerPublishRoutes(app, ctx, sender);
  registerSeed003Routes(app, ctx, { sender, marker });
  registerInternalRoutes(app, ctx, { sender, marker });
  registerLookups(app, ctx);
  registerDocsRoutes(app);
  return app;
}
