import { SearchPage, SearchQuery } from "../search.ts";
import type { HttpRoute } from "./route.ts";

export const SEARCH_ROUTES = {
  search: {
    about: "Messages with these words in one of your conversations or in all, newest first.",
    method: "GET",
    path: "/v1/search",
    auth: "user",
    query: SearchQuery,
    status: 200,
    reply: SearchPage,
    limit: "search",
  },
} as const satisfies Record<string, HttpRoute>;
