import { PRESENCE_RPC } from "@confab/contract/internal";
import { bindInternalRoute, type HttpServer } from "@confab/runtime";
import type { PresenceContext } from "./context.ts";
import { announcePeople } from "./people.ts";
import { getPresences, getStatuses } from "./presences.ts";
import { changeLeases } from "./store.ts";

/** HTTP shape only: parsed input, use case, reply. */
export function registerRoutes(app: HttpServer, ctx: PresenceContext): void {
  const { internalToken } = ctx.config;
  bindInternalRoute(app, PRESENCE_RPC.changeLeases, internalToken, async (body) => {
    const { opened, transitions } = await changeLeases(ctx, body);
    ctx.announce(transitions);
    return { opened };
  });
  bindInternalRoute(app, PRESENCE_RPC.getPresences, internalToken, async (body) => ({
    presences: await getPresences(ctx, body),
  }));
  bindInternalRoute(app, PRESENCE_RPC.getStatuses, internalToken, async (body) => ({
    statuses: await getStatuses(ctx, body),
  }));
  bindInternalRoute(app, PRESENCE_RPC.announcePeople, internalToken, async ({ people }) => {
    await announcePeople(ctx, people);
    return {};
  });
}
