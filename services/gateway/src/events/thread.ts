import { forward } from "./forward.ts";
import type { Handlers } from "./types.ts";

export const threadHandlers = {
  "thread:read": forward("thread:read"),
  "thread:follow": forward("thread:follow"),
  "thread:unfollow": forward("thread:unfollow"),
  "thread:messages": forward("thread:messages"),
  "thread:list": forward("thread:list"),
} satisfies Partial<Handlers>;
