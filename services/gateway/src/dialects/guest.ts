import type { Dialect } from "@confab/contract/internal";
import type { GatewayContext } from "../context.ts";
import type { GatewaySocket } from "../socket.ts";
import { DialectClient } from "./client.ts";
import { hear } from "./hear.ts";

/** From now on the socket is told nothing but in its dialect. */
export const createGuest = (
  ctx: GatewayContext,
  socket: GatewaySocket,
  dialect: Dialect | undefined,
): DialectClient =>
  new DialectClient(socket, {
    dialect,
    hear: (client, event, payload) => hear(ctx, client, event, payload),
    onFault: (error) => {
      ctx.metrics.errors.inc({ where: "dialect" });
      ctx.log.warn({ err: error, socketId: socket.id }, "a client of a dialect could not be served");
    },
  });
