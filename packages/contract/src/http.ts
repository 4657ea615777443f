import { ACCOUNT_ROUTES } from "./http/accounts.ts";
import { CONVERSATION_ROUTES } from "./http/conversations.ts";
import { MESSAGE_ROUTES } from "./http/messages.ts";
import { MODERATION_ROUTES } from "./http/moderation.ts";
import { PRESENCE_ROUTES } from "./http/presences.ts";
import { PUBLISH_ROUTES } from "./http/publish.ts";
import { READING_ROUTES } from "./http/reading.ts";
import { SEARCH_ROUTES } from "./http/search.ts";
import { THREAD_ROUTES } from "./http/threads.ts";

export * from "./http/accounts.ts";
export * from "./http/conversations.ts";
export * from "./http/messages.ts";
export * from "./http/moderation.ts";
export * from "./http/presences.ts";
export * from "./http/publish.ts";
export * from "./http/reading.ts";
export type { HttpRoute } from "./http/route.ts";
export * from "./http/search.ts";
export * from "./http/threads.ts";

/** Public REST, by operation id. */
export const ROUTES = {
  ...ACCOUNT_ROUTES,
  ...CONVERSATION_ROUTES,
  ...MESSAGE_ROUTES,
  ...MODERATION_ROUTES,
  ...PRESENCE_ROUTES,
  ...MODERATION_ROUTES,
  ...PUBLISH_ROUTES,
  ...READING_ROUTES,
  ...SEARCH_ROUTES,
  ...THREAD_ROUTES,
} as const;

export type RouteName = keyof typeof ROUTES;
