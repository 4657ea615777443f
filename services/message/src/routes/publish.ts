import { ROUTES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { serviceRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { publishItems } from "../messages/publish-items.ts";
import type { Sender } from "../messages/sender.ts";

export function registerPublishRoutes(app: HttpServer, ctx: MessageContext, sender: Sender): void {
  serviceRoute(app, ctx, ROUTES.publish, async ({ actor, headers, body }) => {
    await ctx.limiter.take("publish", actor.tokenId, body.items.length);
    const results = await publishItems(sender, {
      actor,
      items: body.items,
      idempotencyKey: headers["idempotency-key"],
    });
    return { results };
  });
}
