import { ChatError } from "@confab/contract";
import { sessionOf, verify } from "../auth.ts";
import type { Handlers } from "./types.ts";

export const authHandlers = {
  /** A later token of the same person takes the place of the one that ends. */
  "auth:refresh": async (ctx, socket, { token }) => {
    const claims = await verify(ctx, token);
    if (claims.userId !== socket.data.userId) throw new ChatError("forbidden", { reason: "other_user" });
    socket.data.expiresAtMs = claims.expiresAtSeconds * 1000;
    socket.data.sessionId = sessionOf(ctx, claims);
    return { expiresAt: new Date(socket.data.expiresAtMs).toISOString() };
  },
} satisfies Partial<Handlers>;
