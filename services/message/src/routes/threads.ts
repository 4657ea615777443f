import { ROUTES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { listEdits } from "../messages/edits.ts";
import { listThread, listThreads } from "../threads/list.ts";
import { followThread, readThread } from "../threads/read.ts";

export function registerThreadRoutes(app: HttpServer, ctx: MessageContext): void {
  userRoute(app, ctx, ROUTES.listThreads, ({ actor, query }) =>
    listThreads(ctx, { userId: actor.userId, ...query }),
  );
  userRoute(app, ctx, ROUTES.getThread, ({ actor, params, query }) =>
    listThread(ctx, { userId: actor.userId, rootId: params.messageId, ...query }),
  );
  userRoute(app, ctx, ROUTES.readThread, ({ actor, params, body }) =>
    readThread(ctx, { userId: actor.userId, rootId: params.messageId, ...body }),
  );
  userRoute(app, ctx, ROUTES.followThread, ({ actor, params }) =>
    followThread(ctx, { userId: actor.userId, rootId: params.messageId, following: true }),
  );
  userRoute(app, ctx, ROUTES.unfollowThread, ({ actor, params }) =>
    followThread(ctx, { userId: actor.userId, rootId: params.messageId, following: false }),
  );
  userRoute(app, ctx, ROUTES.listEdits, async ({ actor, params }) => ({
    items: await listEdits(ctx, { userId: actor.userId, ...params }),
  }));
}
