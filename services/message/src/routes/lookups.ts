import { LOOKUP_RPC } from "@confab/contract/internal";
import { bindInternalRoute, type HttpServer } from "@confab/runtime";
import type { MessageContext } from "../context.ts";
import { listMissed } from "../lookups/missed.ts";
import { getNames, listPeople, listUnreadDirects } from "../lookups/people.ts";
import { listRefs, resolve } from "../lookups/resolve.ts";

/** What gateways ask on behalf of clients that know no sync. */
export function registerLookups(app: HttpServer, ctx: MessageContext): void {
  const token = ctx.config.internalToken;
  bindInternalRoute(app, LOOKUP_RPC.resolve, token, (input) => resolve(ctx, input));
  bindInternalRoute(app, LOOKUP_RPC.listRefs, token, async (input) => ({
    messages: await listRefs(ctx, input),
  }));
  bindInternalRoute(app, LOOKUP_RPC.listMissed, token, (input) => listMissed(ctx, input));
  bindInternalRoute(app, LOOKUP_RPC.listPeople, token, async (input) => ({
    userIds: await listPeople(ctx, input),
  }));
  bindInternalRoute(app, LOOKUP_RPC.getNames, token, async ({ userIds }) => ({
    names: await getNames(ctx, userIds),
  }));
  bindInternalRoute(app, LOOKUP_RPC.listUnreadDirects, token, async ({ userId }) => ({
    marks: await listUnreadDirects(ctx, userId),
  }));
}
