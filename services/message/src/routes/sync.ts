import { ROUTES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { sync } from "../sync.ts";

export function registerSyncRoutes(app: HttpServer, ctx: MessageContext): void {
  userRoute(app, ctx, ROUTES.sync, ({ actor, body }) => sync(ctx, { userId: actor.userId, ...body }));
}
