import { forward } from "./forward.ts";
import type { Handlers } from "./types.ts";

export const conversationHandlers = {
  "conversation:sync": forward("conversation:sync"),
  "conversation:heads": forward("conversation:heads"),
} satisfies Partial<Handlers>;
