import { randomUUID } from "node:crypto";
import { ChatError, ROUTES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { deriveUuid } from "../messages/dedupe.ts";
import { deleteMessage } from "../messages/delete.ts";
import { editMessage } from "../messages/edit.ts";
import { listMessages } from "../messages/list.ts";
import { pinMessage, unpinMessage } from "../messages/pin.ts";
import { listPins } from "../messages/pins.ts";
import { addReaction, removeReaction } from "../messages/react.ts";
import type { Sender } from "../messages/sender.ts";

export function registerMessageRoutes(app: HttpServer, ctx: MessageContext, sender: Sender): void {
  userRoute(app, ctx, ROUTES.listMessages, ({ actor, params, query }) =>
    listMessages(ctx, { userId: actor.userId, ...params, ...query }),
  );
  userRoute(app, ctx, ROUTES.sendMessage, async ({ actor, params, headers, body }) => {
    const key = headers["idempotency-key"];
    const clientMessageId = body.clientMessageId ?? (key ? deriveUuid("send", key) : randomUUID());
    const message = { ...body, clientMessageId };
    const [outcome] = await sender.send([
      { senderId: actor.userId, authority: "member", ...params, message },
    ]);
    if (!outcome || outcome instanceof ChatError) throw outcome;
    return outcome;
  });
  userRoute(app, ctx, ROUTES.editMessage, ({ actor, params, body }) =>
    editMessage(ctx, { actorId: actor.userId, ...params, ...body }),
  );
  userRoute(app, ctx, ROUTES.deleteMessage, async ({ actor, params, query }) => {
    await deleteMessage(ctx, { actorId: actor.userId, ...params, ...query });
    return undefined;
  });
  userRoute(app, ctx, ROUTES.addReaction, ({ actor, params }) =>
    addReaction(ctx, { actorId: actor.userId, ...params }),
  );
  userRoute(app, ctx, ROUTES.removeReaction, ({ actor, params }) =>
    removeReaction(ctx, { actorId: actor.userId, ...params }),
  );
  userRoute(app, ctx, ROUTES.pinMessage, ({ actor, params }) =>
    pinMessage(ctx, { actorId: actor.userId, ...params }),
  );
  userRoute(app, ctx, ROUTES.unpinMessage, ({ actor, params }) =>
    unpinMessage(ctx, { actorId: actor.userId, ...params }),
  );
  userRoute(app, ctx, ROUTES.listPins, ({ actor, params }) =>
    listPins(ctx, { userId: actor.userId, ...params }),
  );
}
