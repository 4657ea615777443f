import { z } from "zod";
import { Me, PresencePrivacy, User, wellFormed } from "../entities.ts";
import { WebUrl } from "../groups.ts";
import { UserId } from "../ids.ts";
import { LIMITS } from "../limits.ts";
import { SetStatus } from "../people.ts";
import { type HttpRoute, Page, pageOf } from "./route.ts";

export const Username = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._-]{1,31}$/)
  .meta({ description: "2–32 of a–z 0–9 . _ -, kept in lower case" });
const Password = z.string().min(8).max(256);
const DisplayName = wellFormed(z.string().trim().min(1).max(LIMITS.displayNameLength));

export const Session = z
  .object({
    user: Me,
    accessToken: z.string(),
    refreshToken: z.string(),
    expiresInSeconds: z.int(),
  })
  .meta({ id: "Session" });
export type Session = z.infer<typeof Session>;

/** Accounts, sessions and people. */
export const ACCOUNT_ROUTES = {
  register: {
    about: "Make an account and sign in.",
    method: "POST",
    path: "/v1/auth/register",
    auth: "none",
    body: z.strictObject({
      username: Username,
      password: Password,
      displayName: DisplayName.optional(),
      email: z.email().max(254).optional(),
    }),
    status: 201,
    reply: Session,
  },
  login: {
    about: "Sign in.",
    method: "POST",
    path: "/v1/auth/login",
    auth: "none",
    body: z.strictObject({
      username: z.string().max(254).trim().toLowerCase(),
      password: z.string().max(256),
    }),
    status: 200,
    reply: Session,
  },
  refresh: {
    about: "Exchange a refresh token for a new pair; using one twice ends every session of its family.",
    method: "POST",
    path: "/v1/auth/refresh",
    auth: "none",
    body: z.strictObject({ refreshToken: z.string().max(512) }),
    status: 200,
    reply: Session,
  },
  logout: {
    about: "End the session that this refresh token belongs to.",
    method: "POST",
    path: "/v1/auth/logout",
    auth: "none",
    body: z.strictObject({ refreshToken: z.string().max(512) }),
    status: 204,
  },
  jwks: {
    about: "Public keys that access tokens are signed with.",
    method: "GET",
    path: "/.well-known/jwks.json",
    auth: "none",
    status: 200,
    reply: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
  },
  getMe: {
    about: "Yourself.",
    method: "GET",
    path: "/v1/me",
    auth: "user",
    status: 200,
    reply: Me,
    limit: "read",
  },
  updateMe: {
    about: "Change your profile, status or privacy.",
    method: "PATCH",
    path: "/v1/me",
    auth: "user",
    body: z.strictObject({
      displayName: DisplayName.optional(),
      avatarUrl: WebUrl.nullish(),
      status: SetStatus.optional(),
      presencePrivacy: PresencePrivacy.optional(),
    }),
    status: 200,
    reply: Me,
    limit: "change",
  },
  searchUsers: {
    about: "People whose name or username begins with the query.",
    method: "GET",
    path: "/v1/users",
    auth: "user",
    query: Page.extend({ query: z.string().trim().max(100).default("") }),
    status: 200,
    reply: pageOf(User),
    limit: "read",
  },
  getUser: {
    about: "One person.",
    method: "GET",
    path: "/v1/users/:userId",
    auth: "user",
    params: z.object({ userId: UserId }),
    status: 200,
    reply: User,
    limit: "read",
  },
} as const satisfies Record<string, HttpRoute>;
