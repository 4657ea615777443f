import type { CommandName, CommandPayload } from "@confab/contract";
import { type ForwardedCommand, MESSAGE_RPC } from "@confab/contract/internal";
import type { GatewayContext } from "../context.ts";
import type { GatewaySocket } from "../socket.ts";
import type { Handlers } from "./types.ts";

/** The message service carries the command out, in the name of whoever the socket belongs to (P9). */
export function forward<N extends CommandName & ForwardedCommand["name"]>(name: N): Handlers[N] {
  const handler = (ctx: GatewayContext, socket: GatewaySocket, payload: CommandPayload<N>) =>
    ctx.message.call(MESSAGE_RPC.runCommand, {
      actorId: socket.data.userId,
      command: { name, payload } as ForwardedCommand,
    });
  return handler as unknown as Handlers[N];
}
