/** Which dialect a socket speaks, and signing in after it has connected. */
import { ChatError, type Handshake, type UserId } from "@confab/contract";
import type { Dialect } from "@confab/contract/internal";
import type { GatewayContext } from "../context.ts";
import type { GatewaySocket } from "../socket.ts";
import type { DialectClient } from "./client.ts";

/** Undeclared, with a token, and silent for so long: it waits to be told something. */
const SILENCE_MS = 3000;

/** `native`, or a client of a dialect that is known already or will be known by its first event. */
export type Manner =
  | { native: true }
  | { native: false; dialect: Dialect | undefined; token: string | undefined };

/** @throws ChatError `invalid`, `unauthenticated` */
export function chooseManner(
  spoken: readonly Dialect[],
  { dialect: name, protocol, token }: Handshake,
): Manner {
  const isUndeclared = name === undefined && protocol === undefined;
  if (name === "native" || (name === undefined && (!isUndeclared || spoken.length === 0)))
    return { native: true };
  const dialect = spoken.find((one) => one.name === name);
  if (!isUndeclared && !dialect) throw new ChatError("invalid", { reason: "unknown_dialect" });
  if (!token && dialect?.signsIn === "handshake") {
    throw new ChatError("unauthenticated", { reason: "token_missing" });
  }
  return { native: false, dialect, token: token?.replace(/^Bearer /i, "") };
}

export type SignInLater = (credentials: { token: string; userId?: UserId | undefined }) => Promise<unknown>;

/**
 * Signs in a socket that is connected as nobody, once. A second time is for who is signed in: it changes nothing.
 * `admit` and `start` are what the handshake does for others.
 */
export function createSignInLater(
  client: DialectClient,
  steps: { admit: (token: string, userId: UserId | undefined) => Promise<void>; start: () => Promise<void> },
): SignInLater {
  let tried = false;
  return async ({ token, userId }) => {
    if (!client.isSignedIn) {
      if (tried) throw new ChatError("unauthenticated", { reason: "already_tried" });
      tried = true;
      await steps.admit(token, userId);
      await steps.start();
    } else if (userId !== undefined && userId !== client.userId) {
      throw new ChatError("forbidden", { reason: "other_user" });
    }
    return { ok: true, success: true, userId: client.userId };
  };
}

/** A socket that remains nobody is closed; one that remains silent is taken for what it seems. */
export function watchSignIn(ctx: GatewayContext, socket: GatewaySocket, client: DialectClient): void {
  const closing = setTimeout(() => {
    if (!client.isSignedIn) socket.disconnect(true);
  }, ctx.config.transport.connectTimeoutMs);
  const deciding = setTimeout(() => {
    if (!client.dialect && client.isSignedIn) ctx.dialects.decideSilent(client);
  }, SILENCE_MS);
  socket.once("disconnect", () => {
    clearTimeout(closing);
    clearTimeout(deciding);
  });
}
