import { ChatError, ROUTES } from "@confab/contract";
import { PRESENCE_RPC } from "@confab/contract/internal";
import type { HttpServer } from "@confab/runtime";
import { userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { searchUsers } from "../users/search.ts";
import { updateMe } from "../users/update-me.ts";
import { toMe, toUser, USER_COLUMNS } from "../users/view.ts";

export function registerUserRoutes(app: HttpServer, ctx: MessageContext): void {
  userRoute(app, ctx, ROUTES.getMe, async ({ actor }) =>
    toMe(await ctx.prisma.user.findUniqueOrThrow({ where: { id: actor.userId } }), ctx.clock.now()),
  );
  userRoute(app, ctx, ROUTES.updateMe, ({ actor, body }) => updateMe(ctx, actor.userId, body));
  userRoute(app, ctx, ROUTES.getPresences, ({ actor, query }) =>
    ctx.presence.call(PRESENCE_RPC.getPresences, { viewerId: actor.userId, ...query }),
  );
  userRoute(app, ctx, ROUTES.searchUsers, ({ query }) => searchUsers(ctx, query));
  userRoute(app, ctx, ROUTES.getUser, async ({ params }) => {
    const user = await ctx.prisma.user.findUnique({ where: { id: params.userId }, select: USER_COLUMNS });
    if (!user) throw new ChatError("not_found", { reason: "user" });
    return toUser(user);
  });
}
