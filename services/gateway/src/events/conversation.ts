import { forward } from "./forward.ts";
import type { Handlers } from "./types.ts";

export const conversationHandlers = {
  "conversation:create": forward("conversation:create"),
  "conversation:update": forward("conversation:update"),
  "member:add": forward("member:add"),
  "member:change": forward("member:change"),
  "member:remove": forward("member:remove"),
  "conversation:sync": forward("conversation:sync"),
  "conversation:heads": forward("conversation:heads"),
} satisfies Partial<Handlers>;
