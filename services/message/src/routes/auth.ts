import { ROUTES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import type { FastifyRequest } from "fastify";
import { addressKey } from "../address.ts";
import { openRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { login } from "../users/login.ts";
import { register } from "../users/register.ts";
import { endSessionOf, refreshSession } from "../users/sessions.ts";

/** Accounts and sessions. Nobody is signed in here yet, so the limits are by address. */
export function registerAuthRoutes(app: HttpServer, ctx: MessageContext): void {
  const addressOf = (request: FastifyRequest) => addressKey(request.ip);

  openRoute(app, ROUTES.register, async ({ body, request }) => {
    await ctx.limiter.take("register", addressOf(request));
    return register(ctx, body);
  });
  openRoute(app, ROUTES.login, ({ body, request }) => login(ctx, { ...body, address: addressOf(request) }));
  openRoute(app, ROUTES.refresh, async ({ body, request }) => {
    await ctx.limiter.take("session", addressOf(request));
    return refreshSession(ctx, body.refreshToken);
  });
  openRoute(app, ROUTES.logout, async ({ body, request }) => {
    await ctx.limiter.take("session", addressOf(request));
    await endSessionOf(ctx, body.refreshToken);
    return undefined;
  });
  openRoute(app, ROUTES.jwks, async () => ({ keys: ctx.keys.jwks.keys as Record<string, string>[] }));
}
