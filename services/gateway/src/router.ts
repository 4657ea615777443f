/**
 * Every command of every socket passes here, and only here: named, parsed, limited, run within a deadline,
 * answered in one shape, timed and counted (P10). Nothing that a client sends may throw beyond this file.
 */
import { randomUUID } from "node:crypto";
import { ChatError, COMMANDS, type CommandName } from "@confab/contract";
import { parseInput, withDeadline } from "@confab/runtime";
import type { GatewayContext } from "./context.ts";
import { handlers } from "./events/index.ts";
import { findMisshape } from "./payload.ts";
import type { GatewaySocket } from "./socket.ts";

const STRIKE_WINDOW_MS = 10_000;

/** Any of the handlers, once its payload has been parsed. */
type Handler = (ctx: GatewayContext, socket: GatewaySocket, payload: unknown) => Promise<object | undefined>;

interface Route {
  name: CommandName;
  command: (typeof COMMANDS)[CommandName];
  handler: Handler;
}

/** A Map, because an object also "has" `constructor` and `__proto__`. */
const routes = new Map<unknown, Route>(
  (Object.keys(COMMANDS) as CommandName[]).map((name) => [
    name,
    { name, command: COMMANDS[name], handler: handlers[name] as Handler },
  ]),
);

/** A command that another word stood for: parsed, limited and run like any other. @throws ChatError */
export async function runCommand(
  ctx: GatewayContext,
  socket: GatewaySocket,
  name: CommandName,
  payload: unknown,
): Promise<object | undefined> {
  const route = routes.get(name);
  if (!route) throw new Error(`no command is called ${name}`);
  return execute(ctx, socket, route, payload);
}

export function routeCommands(ctx: GatewayContext, socket: GatewaySocket): void {
  // Socket.IO's own dispatch comes after this and is never reached: `next` is not called.
  socket.use(([event, ...args]) => void run(ctx, socket, event, args));
}

type Answer = (answer: object) => void;

async function run(
  ctx: GatewayContext,
  socket: GatewaySocket,
  event: unknown,
  args: unknown[],
): Promise<void> {
  if (!socket.connected) return;
  const startedMs = performance.now();
  const last = args.at(-1);
  const answer = typeof last === "function" ? (last as Answer) : undefined;
  const payload = args[0] === last && answer ? undefined : args[0];
  const route = routes.get(event);
  let result: string = "ok";
  socket.data.inFlight += 1;
  try {
    const value = await execute(ctx, socket, route, payload);
    answer?.({ ok: true, ...value });
  } catch (error) {
    const refusal = error instanceof ChatError ? error : new ChatError("internal", { cause: error });
    result = refusal.code;
    refuse(ctx, socket, { refusal, route, answer });
  } finally {
    socket.data.inFlight -= 1;
    const seconds = (performance.now() - startedMs) / 1000;
    ctx.metrics.events.observe({ event: route?.name ?? "unknown", result }, seconds);
  }
}

async function execute(
  ctx: GatewayContext,
  socket: GatewaySocket,
  route: Route | undefined,
  payload: unknown,
): Promise<object | undefined> {
  if (socket.data.leaving) throw new ChatError("unavailable", { reason: "draining", retryAfterMs: 1000 });
  if (!route) throw new ChatError("invalid", { reason: "unknown_event" });
  const misshape = findMisshape(payload);
  if (misshape) throw new ChatError("invalid", { reason: misshape });
  const input = parseInput(route.command.payload, payload ?? {});
  await admit(ctx, socket, route);
  return withDeadline(route.handler(ctx, socket, input), ctx.config.commandDeadlineMs, "command");
}

/**
 * Takes a token of the user's bucket. It may have to ask Redis, and two that ask may be answered out of order;
 * messages must not overtake each other, so each also waits for the ones before it.
 */
async function admit(ctx: GatewayContext, socket: GatewaySocket, { command }: Route): Promise<void> {
  const { data } = socket;
  const before = data.admitted;
  const taken = ctx.limiter.take(command.limit, data.userId);
  data.admitted = Promise.allSettled([before, taken]);
  await data.admitted;
  await taken;
}

function refuse(
  ctx: GatewayContext,
  socket: GatewaySocket,
  { refusal, route, answer }: { refusal: ChatError; route: Route | undefined; answer: Answer | undefined },
): void {
  const requestId = randomUUID();
  if (refusal.code === "internal") {
    ctx.metrics.errors.inc({ where: "router" });
    ctx.log.error(
      {
        err: refusal.cause ?? refusal,
        reqId: requestId,
        event: route?.name,
        userId: socket.data.userId,
        socketId: socket.id,
      },
      "a command failed",
    );
  }
  answer?.({ ok: false, error: refusal.toWire(requestId) });
  if (refusal.code === "rate_limited" || refusal.code === "invalid") strike(ctx, socket);
}

/** Who goes on after being refused again and again costs as much as before; the connection ends. */
export function strike(ctx: GatewayContext, socket: GatewaySocket): void {
  const { strikes } = socket.data;
  const nowMs = ctx.clock.now();
  if (nowMs - strikes.sinceMs > STRIKE_WINDOW_MS) {
    strikes.count = 0;
    strikes.sinceMs = nowMs;
  }
  strikes.count += 1;
  if (strikes.count !== ctx.config.strikes) return;
  ctx.log.warn({ userId: socket.data.userId, socketId: socket.id }, "a socket floods and is closed");
  socket.disconnect(true);
}
