import { forward } from "./forward.ts";
import type { Handlers } from "./types.ts";

export const presenceHandlers = {
  "presence:watch": async (ctx, socket, { userIds }) => ({
    presences: await ctx.hub.watch(socket, userIds),
  }),
  "presence:unwatch": async (ctx, socket, { userIds }) => {
    ctx.hub.unwatch(socket, userIds);
    return {};
  },
  "status:set": forward("status:set"),
} satisfies Partial<Handlers>;
