import type { Handlers } from "./types.ts";

export const activityHandlers = {
  "activity:set": async (ctx, socket, { active, conversationId }) => {
    socket.data.active = active;
    if (conversationId !== undefined) socket.data.onScreen = conversationId;
    await ctx.leases.renew(socket);
    return {};
  },
} satisfies Partial<Handlers>;
