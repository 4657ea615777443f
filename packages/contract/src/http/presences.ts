import { z } from "zod";
import { Presence } from "../entities.ts";
import { UserId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import type { HttpRoute } from "./route.ts";

/** Who is there, for those who hold no socket. */
export const PRESENCE_ROUTES = {
  getPresences: {
    about: "The presence of people, comma-separated; those whose presence is not yours to see are left out.",
    method: "GET",
    path: "/v1/presences",
    auth: "user",
    query: z.strictObject({
      userIds: z
        .string()
        .transform((text) => text.split(","))
        .pipe(z.array(UserId).min(1).max(LIMITS.usersPerWatch)),
    }),
    status: 200,
    reply: z.object({ presences: z.array(Presence) }),
    limit: "read",
  },
} as const satisfies Record<string, HttpRoute>;
