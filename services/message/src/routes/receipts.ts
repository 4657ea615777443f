import { ChatError, ROUTES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import type { Marker } from "../receipts/marker.ts";

export function registerReceiptRoutes(app: HttpServer, ctx: MessageContext, marker: Marker): void {
  userRoute(app, ctx, ROUTES.markReceipts, async ({ actor, params, body }) => {
    const [outcome] = await marker.mark([{ userId: actor.userId, ...params, ...body }]);
    if (!outcome || outcome instanceof ChatError) throw outcome;
    return outcome;
  });
}
