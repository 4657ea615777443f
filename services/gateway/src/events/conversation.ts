import { forward } from "./forward.ts";
import type { Handlers } from "./types.ts";

/** A sync of more may take long and say much: it goes alone, and keeps nobody waiting. */
const FEW_CONVERSATIONS = 8;
const syncAlone = forward("conversation:sync");

export const conversationHandlers = {
  "conversation:create": forward("conversation:create"),
  "conversation:update": forward("conversation:update"),
  "member:add": forward("member:add"),
  "member:change": forward("member:change"),
  "member:remove": forward("member:remove"),
  "conversation:sync": (ctx, socket, payload) =>
    Object.keys(payload.cursors).length > FEW_CONVERSATIONS
      ? syncAlone(ctx, socket, payload)
      : ctx.syncer.sync({ ...payload, userId: socket.data.userId }),
  "conversation:heads": forward("conversation:heads"),
} satisfies Partial<Handlers>;
