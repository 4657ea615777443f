import type { UserId } from "@confab/contract";
import { SERVER_EVENTS } from "@confab/contract/internal";
import { createHttpServer, type HttpServer } from "@confab/runtime";
import type { Server as Engine } from "engine.io";
import { comeBackIn, createAdmission, createOriginCheck } from "./admission.ts";
import { closeSession, requireSignIn, sweepExpiredTokens } from "./auth.ts";
import type { GatewayContext } from "./context.ts";
import { tickDialects } from "./dialects/serve.ts";
import { drain } from "./drain.ts";
import { acceptUpgrades, connectionCount, PATH } from "./io.ts";
import { Pings } from "./pings.ts";
import { acceptPolling } from "./polling.ts";
import { serveSockets } from "./session.ts";
import { createSlowReaderCheck, cutOff } from "./slow-readers.ts";
import { localSockets } from "./socket.ts";
import { Turnstile } from "./turnstile.ts";

/** Beside the drain's window and its wait for answers. */
const DRAIN_SLACK_MS = 5000;

/** How soon a client that was written to is asked for a sign of life. */
const DIALECT_TICK_MS = 500;

/** Sockets, health and metrics behind one port. */
export function createServer(ctx: GatewayContext): HttpServer {
  const { config, io, lifecycle, metrics } = ctx;
  const full = () => connectionCount(io) >= config.admission.maxConnections;
  const app = createHttpServer({
    log: ctx.log,
    metrics: metrics.base,
    lifecycle,
    unready: () => (full() ? "full" : ctx.canary.wedged ? "cut_off_from_redis" : undefined),
  });
  const stopping = () => lifecycle.stopping;
  const handshakes = () => connectionCount(io) - localSockets(io).size + ctx.dialects.strangers;
  const turnstile = new Turnstile({
    clock: ctx.clock,
    stopping,
    room: () => config.admission.maxHandshakes - handshakes(),
    maxWaiting: config.admission.maxWaiting,
    comeBackIn: () => comeBackIn(ctx),
  });
  const admit = createAdmission({
    config: config.admission,
    limiter: ctx.limiter,
    random: ctx.random,
    stopping,
    connections: () => connectionCount(io),
    turnstile,
  });
  metrics.base.gauge(
    "chat_gateway_waiting_connections",
    "Connections that wait for their turn to sign in",
    [],
    () => turnstile.waiting,
  );
  const onRefused = (reason: string) => metrics.refusals.inc({ reason });
  acceptUpgrades(app, io, admit, onRefused);
  if (config.transport.polling) {
    const allowsOrigin = createOriginCheck(config.admission);
    acceptPolling(app, io.engine as unknown as Engine, { path: PATH, admit, allowsOrigin, onRefused });
  }
  requireSignIn(ctx);
  serveSockets(ctx);
  io.on(SERVER_EVENTS.sessionRevoked, (session) =>
    closeSession(ctx, session as { userId: UserId; sessionId: string }),
  );
  io.on(SERVER_EVENTS.blocksChanged, (change) => {
    const { userIds } = change as { userIds: UserId[] };
    ctx.hub.recheck(userIds);
    ctx.typing.forgetAudiences(userIds);
  });
  io.on(SERVER_EVENTS.standingChanged, (change) => ctx.healer.recheck((change as { userId: UserId }).userId));
  metrics.base.gauge(
    "chat_gateway_connections",
    "Sockets that are signed in",
    [],
    () => localSockets(io).size - ctx.dialects.strangers,
  );
  every(ctx, config.auth.sweepMs, () => sweepExpiredTokens(ctx));
  every(ctx, config.slow.checkMs, closeSlowReaders(ctx));
  const pings = new Pings(io.engine as unknown as Engine, config.transport);
  every(ctx, pings.tickMs, () => pings.tick());
  every(ctx, DIALECT_TICK_MS, () => tickDialects(ctx));
  const deadlineMs = config.drain.windowMs + 2 * config.drain.acksMs + DRAIN_SLACK_MS;
  lifecycle.onStop("drain", "sockets", () => drain(ctx), deadlineMs);
  return app;
}

function every(ctx: GatewayContext, intervalMs: number, run: () => void): void {
  const timer = setInterval(run, intervalMs);
  ctx.lifecycle.onStop("close", "timer", () => clearInterval(timer));
}

function closeSlowReaders(ctx: GatewayContext): () => void {
  const check = createSlowReaderCheck(ctx.config.slow);
  return () => {
    for (const socket of localSockets(ctx.io).values()) {
      const reason = check(socket.conn);
      if (!reason) continue;
      ctx.metrics.slowReaders.inc({ reason });
      ctx.log.warn({ userId: socket.data.userId, socketId: socket.id, reason }, "a slow reader is cut off");
      cutOff(socket.conn);
    }
  };
}
