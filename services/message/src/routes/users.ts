import { ChatError, ROUTES, type UserId } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { searchUsers } from "../users/search.ts";
import { toMe, toUser, USER_COLUMNS } from "../users/view.ts";

export function registerUserRoutes(app: HttpServer, ctx: MessageContext): void {
  const readMe = (id: UserId) => ctx.prisma.user.findUniqueOrThrow({ where: { id } });

  userRoute(app, ctx, ROUTES.getMe, async ({ actor }) => toMe(await readMe(actor.userId)));
  userRoute(app, ctx, ROUTES.updateMe, async ({ actor, body }) => {
    await ctx.prisma.user.updateMany({ where: { id: actor.userId }, data: body });
    return toMe(await readMe(actor.userId));
  });
  userRoute(app, ctx, ROUTES.searchUsers, ({ query }) => searchUsers(ctx, query));
  userRoute(app, ctx, ROUTES.getUser, async ({ params }) => {
    const user = await ctx.prisma.user.findUnique({ where: { id: params.userId }, select: USER_COLUMNS });
    if (!user) throw new ChatError("not_found", { reason: "user" });
    return toUser(user);
  });
}
