import type { CommandName, CommandPayload, CommandResult } from "@confab/contract";
import type { GatewayContext } from "../context.ts";
import type { GatewaySocket } from "../socket.ts";

/** Carries a parsed command out; what it returns is the ack's content. Throws ChatError. */
export type Handlers = {
  [N in CommandName]: (
    ctx: GatewayContext,
    socket: GatewaySocket,
    payload: CommandPayload<N>,
  ) => Promise<CommandResult<N>>;
};
