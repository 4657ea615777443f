import { forward } from "./forward.ts";
import type { Handlers } from "./types.ts";

/** What is a person's own. */
export const readingHandlers = {
  "personal:set": forward("personal:set"),
  "personal:sync": forward("personal:sync"),
  "draft:set": forward("draft:set"),
} satisfies Partial<Handlers>;
