import { ROUTES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { serviceRoute, userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { listAudit } from "../moderation/audit.ts";
import { banMember, liftBan, listBans } from "../moderation/ban.ts";
import { blockUser, listBlocks, unblockUser } from "../moderation/block.ts";
import { getReport, handleReport, listAllReports, listReports } from "../moderation/queue.ts";
import { reportMessage } from "../moderation/report.ts";

export function registerModerationRoutes(app: HttpServer, ctx: MessageContext): void {
  userRoute(app, ctx, ROUTES.listBlocks, ({ actor, query }) =>
    listBlocks(ctx, { userId: actor.userId, ...query }),
  );
  userRoute(app, ctx, ROUTES.blockUser, async ({ actor, params }) => {
    await blockUser(ctx, { actorId: actor.userId, ...params });
    return undefined;
  });
  userRoute(app, ctx, ROUTES.unblockUser, async ({ actor, params }) => {
    await unblockUser(ctx, { actorId: actor.userId, ...params });
    return undefined;
  });
  userRoute(app, ctx, ROUTES.listBans, ({ actor, params, query }) =>
    listBans(ctx, { userId: actor.userId, ...params, ...query }),
  );
  userRoute(app, ctx, ROUTES.banMember, ({ actor, params, body }) =>
    banMember(ctx, { actorId: actor.userId, ...params }, body),
  );
  userRoute(app, ctx, ROUTES.unbanMember, async ({ actor, params }) => {
    await liftBan(ctx, { actorId: actor.userId, ...params });
    return undefined;
  });
  userRoute(app, ctx, ROUTES.reportMessage, ({ actor, params, body }) =>
    reportMessage(ctx, { actorId: actor.userId, ...params, ...body }),
  );
  userRoute(app, ctx, ROUTES.listReports, ({ actor, params, query }) =>
    listReports(ctx, { userId: actor.userId, ...params, ...query }),
  );
  userRoute(app, ctx, ROUTES.getReport, ({ actor, params }) =>
    getReport(ctx, { userId: actor.userId }, params.reportId),
  );
  userRoute(app, ctx, ROUTES.handleReport, ({ actor, params, body }) =>
    handleReport(ctx, { userId: actor.userId }, { ...params, ...body }),
  );
  userRoute(app, ctx, ROUTES.listAudit, ({ actor, params, query }) =>
    listAudit(ctx, { userId: actor.userId, ...params, ...query }),
  );
  serviceRoute(app, ctx, ROUTES.listAllReports, ({ actor, query }) => listAllReports(ctx, actor, query));
  serviceRoute(app, ctx, ROUTES.getAnyReport, ({ actor, params }) => getReport(ctx, actor, params.reportId));
  serviceRoute(app, ctx, ROUTES.handleAnyReport, ({ actor, params, body }) =>
    handleReport(ctx, actor, { ...params, ...body }),
  );
}
