import { forward } from "./forward.ts";
import type { Handlers } from "./types.ts";

export const moderationHandlers = {
  "user:block": forward("user:block"),
  "user:unblock": forward("user:unblock"),
  "member:ban": forward("member:ban"),
  "member:unban": forward("member:unban"),
  "message:report": forward("message:report"),
  "report:handle": forward("report:handle"),
} satisfies Partial<Handlers>;
