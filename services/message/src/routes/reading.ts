import { ROUTES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { markUnread, setPersonal } from "../personal/change.ts";
import { setDraft } from "../personal/drafts.ts";
import { syncPersonal } from "../personal/sync.ts";
import { readAll, readMessage } from "../receipts/read-all.ts";
import { listReaders } from "../receipts/readers.ts";

export function registerReadingRoutes(app: HttpServer, ctx: MessageContext): void {
  userRoute(app, ctx, ROUTES.readMessage, ({ actor, params }) =>
    readMessage(ctx, { userId: actor.userId, ...params }),
  );
  userRoute(app, ctx, ROUTES.readAll, ({ actor }) => readAll(ctx, { userId: actor.userId }));
  userRoute(app, ctx, ROUTES.markUnread, ({ actor, params, body }) =>
    markUnread(ctx, { userId: actor.userId, ...params, ...body }),
  );
  userRoute(app, ctx, ROUTES.listReaders, ({ actor, params }) =>
    listReaders(ctx, { userId: actor.userId, ...params }),
  );
  userRoute(app, ctx, ROUTES.setPersonal, ({ actor, params, body }) =>
    setPersonal(ctx, { userId: actor.userId, ...params, ...body }),
  );
  userRoute(app, ctx, ROUTES.syncPersonal, ({ actor, body }) =>
    syncPersonal(ctx, { userId: actor.userId, ...body }),
  );
  userRoute(app, ctx, ROUTES.setDraft, ({ actor, params, body }) =>
    setDraft(ctx, { userId: actor.userId, ...params, ...body }),
  );
}
