import { ROUTES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { searchMessages } from "../search/search.ts";

export function registerSearchRoutes(app: HttpServer, ctx: MessageContext): void {
  userRoute(app, ctx, ROUTES.search, ({ actor, query }) =>
    searchMessages(ctx, { userId: actor.userId, ...query }),
  );
}
