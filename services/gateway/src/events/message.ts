/** P1, P2: a send is acknowledged only with what the message service has committed; `timeout` means unknown. */
import { LIMITS, type SendMessage, type SendReceipt, type UserId } from "@confab/contract";
import { MESSAGE_RPC, type Outcome } from "@confab/contract/internal";
import { Batcher, type Clock, type RpcClient } from "@confab/runtime";
import { forward } from "./forward.ts";
import { unwrap } from "./outcome.ts";
import type { Handlers } from "./types.ts";

/** A second's worth at the rate that was measured for one message service (design.md, 3.1). */
const MAX_WAITING = 5000;

interface Sending {
  actorId: UserId;
  message: SendMessage;
}

/**
 * Collects what all sockets send while a request is under way, and sends it as the next one: order of arrival
 * is order of execution, also across the messages of one socket.
 */
export class MessageSender {
  readonly #batcher: Batcher<Sending, Outcome<SendReceipt>>;

  constructor(message: RpcClient, maxWait: { ms: number; clock: Clock }) {
    this.#batcher = new Batcher({
      maxItems: LIMITS.batchItems,
      maxWaiting: MAX_WAITING,
      maxWait,
      run: async (items) => (await message.call(MESSAGE_RPC.sendMessages, { items })).results,
    });
  }

  /** @throws ChatError as the message service refused; `timeout`: it may be stored, ask again with the same key */
  async send(actorId: UserId, message: SendMessage): Promise<SendReceipt> {
    return unwrap(await this.#batcher.add({ actorId, message }));
  }
}

export const messageHandlers = {
  "message:send": (ctx, socket, message) => ctx.sender.send(socket.data.userId, message),
  "message:edit": forward("message:edit"),
  "message:delete": forward("message:delete"),
  "message:pin": forward("message:pin"),
  "message:unpin": forward("message:unpin"),
  "message:readers": forward("message:readers"),
  "message:edits": forward("message:edits"),
  "message:search": forward("message:search"),
  "reaction:add": forward("reaction:add"),
  "reaction:remove": forward("reaction:remove"),
} satisfies Partial<Handlers>;
