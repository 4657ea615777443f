/** P9: who calls is settled here, from the token alone, before anything of a request is read. */
import {
  ChatError,
  type ConversationId,
  type HttpRoute,
  type MessageKind,
  type UserId,
} from "@confab/contract";
import { bearerToken, bindRoute, type HttpServer, type RouteInput, type RouteReply } from "@confab/runtime";
import type { FastifyRequest } from "fastify";
import type { MessageContext } from "./context.ts";
import { ensureUser } from "./users/ensure.ts";
import { findServiceToken, isServiceToken } from "./users/service-tokens.ts";
import { requireLiveSession } from "./users/sessions.ts";

export interface UserActor {
  kind: "user";
  userId: UserId;
}

export interface PublishScope {
  /** `*` stands for all of them. */
  conversations: (ConversationId | "*")[];
  kinds: (MessageKind | "*")[];
  /** Whether `senderId` may name somebody else. */
  onBehalfOf: boolean;
}

export interface ServiceActor {
  kind: "service";
  tokenId: string;
  /** The service's own user, which its messages come from. */
  userId: UserId;
  scopes: {
    publish?: PublishScope;
    /** Whether it sees and handles the reports of all conversations. */
    moderation?: boolean;
  };
}

type Handler<R extends HttpRoute, A> = (input: RouteInput<R, A>) => Promise<RouteReply<R>>;

/** A route that anyone may call. */
export function openRoute<const R extends HttpRoute & { auth: "none" }>(
  app: HttpServer,
  route: R,
  handler: Handler<R, undefined>,
): void {
  bindRoute(app, route, async () => undefined, handler);
}

/** A route for people who are signed in, within the route's limit. */
export function userRoute<const R extends HttpRoute & { auth: "user" }>(
  app: HttpServer,
  ctx: MessageContext,
  route: R,
  handler: Handler<R, UserActor>,
): void {
  bindRoute(app, route, (request) => authenticateUser(ctx, request, route), handler);
}

/** A route for internal services; what a token may do there is the route's own affair. */
export function serviceRoute<const R extends HttpRoute & { auth: "service" }>(
  app: HttpServer,
  ctx: MessageContext,
  route: R,
  handler: Handler<R, ServiceActor>,
): void {
  bindRoute(app, route, (request) => authenticateService(ctx, request), handler);
}

async function authenticateUser(
  ctx: MessageContext,
  request: FastifyRequest,
  route: HttpRoute,
): Promise<UserActor> {
  const token = bearerToken(request.headers.authorization);
  if (isServiceToken(token)) throw new ChatError("forbidden", { reason: "user_token_required" });
  const claims = await ctx.verifyToken(token);
  if (route.limit) await ctx.limiter.take(route.limit, claims.userId);
  // Outside issuers name their sessions, too; only they know which of those have ended.
  const ours = claims.issuer === ctx.config.auth.issuer;
  if (ours && claims.sessionId) await requireLiveSession(ctx, claims.sessionId);
  await ensureUser(ctx, claims);
  return { kind: "user", userId: claims.userId };
}

async function authenticateService(ctx: MessageContext, request: FastifyRequest): Promise<ServiceActor> {
  const token = bearerToken(request.headers.authorization);
  if (!isServiceToken(token)) {
    await ctx.verifyToken(token);
    throw new ChatError("forbidden", { reason: "service_token_required" });
  }
  return findServiceToken(ctx, token);
}
