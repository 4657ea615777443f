import { ROUTES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { createConversation } from "../conversations/create.ts";
import { getConversation, listConversations } from "../conversations/list.ts";
import { addMember, changeRole, removeMember } from "../conversations/members.ts";
import { updateConversation } from "../conversations/update.ts";

export function registerConversationRoutes(app: HttpServer, ctx: MessageContext): void {
  userRoute(app, ctx, ROUTES.createConversation, ({ actor, body }) =>
    createConversation(ctx, actor.userId, body),
  );
  userRoute(app, ctx, ROUTES.listConversations, ({ actor, query }) =>
    listConversations(ctx, { userId: actor.userId, ...query }),
  );
  userRoute(app, ctx, ROUTES.getConversation, ({ actor, params }) =>
    getConversation(ctx, { userId: actor.userId, ...params }),
  );
  userRoute(app, ctx, ROUTES.updateConversation, ({ actor, params, body }) =>
    updateConversation(ctx, { actorId: actor.userId, ...params }, body),
  );
  userRoute(app, ctx, ROUTES.addMember, ({ actor, params }) =>
    addMember(ctx, { actorId: actor.userId, ...params }),
  );
  userRoute(app, ctx, ROUTES.changeRole, ({ actor, params, body }) =>
    changeRole(ctx, { actorId: actor.userId, ...params, ...body }),
  );
  userRoute(app, ctx, ROUTES.removeMember, async ({ actor, params }) => {
    await removeMember(ctx, { actorId: actor.userId, ...params });
    return undefined;
  });
}
