/** A socket whose client speaks a dialect, from connected to gone. */
import { admit } from "../auth.ts";
import type { GatewayContext } from "../context.ts";
import type { DialectClient } from "./client.ts";
import { confirmByPongs, pingIfWritten } from "./delivered.ts";
import { forgetTypists } from "./hear.ts";
import { routeWords } from "./inbound.ts";
import { createSignInLater, watchSignIn } from "./sign-in.ts";

/** `start` begins the session of a socket that signs in after it has connected. */
export function serveGuest(ctx: GatewayContext, client: DialectClient, start: () => Promise<void>): void {
  const { socket } = client;
  ctx.dialects.add(client);
  confirmByPongs(ctx, client);
  watchSignIn(ctx, socket, client);
  const signIn = createSignInLater(client, {
    admit: (token, userId) => admit(ctx, socket, { token, userId, active: true }),
    start,
  });
  routeWords(ctx, client, signIn);
}

export function tickDialects(ctx: GatewayContext): void {
  for (const client of ctx.dialects.clients) {
    pingIfWritten(client);
    if (client.typists.size > 0) forgetTypists(ctx, client);
  }
}
