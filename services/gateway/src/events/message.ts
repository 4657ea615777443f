/** P1, P2: a send is acknowledged only with what the message service has committed; `timeout` means unknown. */
import { ChatError, LIMITS, type SendMessage, type SendReceipt, type UserId } from "@confab/contract";
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
  giveUpAtMs: number;
}

/**
 * Collects what all sockets send while a request is under way, and sends it as the next one: order of arrival
 * is order of execution, also across the messages of one socket.
 */
export class MessageSender {
  readonly #batcher: Batcher<Sending, Outcome<SendReceipt>>;
  readonly #clock: Clock;
  readonly #deadlineMs: number;

  constructor(message: RpcClient, clock: Clock, deadlineMs: number) {
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
    this.#batcher = new Batcher({
      maxItems: LIMITS.batchItems,
      maxWaiting: MAX_WAITING,
      run: (items) => this.#send(message, items),
    });
  }

  /** @throws ChatError as the message service refused; `timeout`: it may be stored, ask again with the same key */
  async send(actorId: UserId, message: SendMessage): Promise<SendReceipt> {
    const giveUpAtMs = this.#clock.now() + this.#deadlineMs;
    return unwrap(await this.#batcher.add({ actorId, message, giveUpAtMs }));
  }

  /** What nobody waits for any more is not sent: its client tries again, and would only add to the load. */
  async #send(message: RpcClient, all: Sending[]): Promise<Outcome<SendReceipt>[]> {
    const nowMs = this.#clock.now();
    const items = all.filter(({ giveUpAtMs }) => giveUpAtMs > nowMs);
    const sent =
      items.length === 0
        ? []
        : (
            await message.call(MESSAGE_RPC.sendMessages, {
              items: items.map(({ actorId, message: content }) => ({ actorId, message: content })),
            })
          ).results;
    const results = sent[Symbol.iterator]();
    const late = new ChatError("timeout", { reason: "send_timeout" }).toWire();
    return all.map(({ giveUpAtMs }) =>
      giveUpAtMs > nowMs ? (results.next().value as Outcome<SendReceipt>) : { ok: false, error: late },
    );
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
