import { createHash } from "node:crypto";
import { ChatError, type Session } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import { startSession } from "./sessions.ts";

export interface Credentials {
  /** A username or an e-mail address, lower case; no username has an `@`. */
  username: string;
  password: string;
  /** Where the request came from: failures count per account and address, so nobody locks another out. */
  address: string;
}

/**
 * Signs somebody in. Who does not exist gets the same answer after the same work as a wrong password.
 * @throws ChatError `unauthenticated`, reason `bad_credentials`; `rate_limited` after too many failures
 */
export async function login(
  ctx: MessageContext,
  { username, password, address }: Credentials,
): Promise<Session> {
  // Hashed, since a name that somebody typed is not for Redis to show.
  const key = createHash("sha256").update(`${username} ${address}`).digest("base64url");
  // Taken before the check, or many guesses at once would all pass; given back if it was no failure.
  await ctx.limiter.take("login", key);
  const where = username.includes("@") ? { email: username } : { username };
  const account = await ctx.prisma.user.findUnique({ where });
  const matches = await ctx.passwords.matches(account?.passwordHash ?? null, password);
  if (!account || !matches) throw new ChatError("unauthenticated", { reason: "bad_credentials" });
  ctx.limiter.giveBack("login", key);
  return startSession(ctx, account);
}
