/** P6: watermarks only rise, so of several that wait for the same conversation the furthest says it all. */
import type { Seq, Watermarks } from "@confab/contract";
import { MESSAGE_RPC, type Outcome, type ReceiptItem } from "@confab/contract/internal";
import { Batcher, type RpcClient } from "@confab/runtime";
import type { z } from "zod";
import { forward } from "./forward.ts";
import { unwrap } from "./outcome.ts";
import type { Handlers } from "./types.ts";

const BATCH_ITEMS = 512;
const MAX_WAITING = 20_000;

interface Waiting {
  item: ReceiptItem;
  answer: Promise<Outcome<Watermarks>>;
}

type Mark = Pick<ReceiptItem, "deliveredSeq" | "readSeq">;

const furthest = (
  a: z.infer<typeof Seq> | undefined,
  b: z.infer<typeof Seq> | undefined,
): z.infer<typeof Seq> | undefined => (a === undefined ? b : b === undefined ? a : Math.max(a, b));

/** Marks of one person in one conversation share an item of the next batch; each gets the item's answer. */
export class ReceiptMarker {
  readonly #waiting = new Map<string, Waiting>();
  readonly #batcher: Batcher<string, Outcome<Watermarks>>;

  constructor(message: RpcClient) {
    this.#batcher = new Batcher({
      maxItems: BATCH_ITEMS,
      maxWaiting: MAX_WAITING,
      run: async (keys) => {
        const items = keys.map((key) => this.#take(key));
        return (await message.call(MESSAGE_RPC.markReceipts, { items })).results;
      },
    });
  }

  /** @throws ChatError as the message service refused */
  async mark(item: ReceiptItem): Promise<Watermarks> {
    const key = `${item.conversationId} ${item.userId}`;
    const waiting = this.#waiting.get(key);
    if (waiting) {
      join(waiting.item, item);
      return unwrap(await waiting.answer);
    }
    const answer = this.#batcher.add(key);
    this.#waiting.set(key, { item: { ...item }, answer });
    try {
      return unwrap(await answer);
    } finally {
      // Only still there when the batcher had no room for it.
      if (this.#waiting.get(key)?.answer === answer) this.#waiting.delete(key);
    }
  }

  #take(key: string): ReceiptItem {
    const waiting = this.#waiting.get(key);
    if (!waiting) throw new Error("a receipt was lost between its arrival and its batch");
    this.#waiting.delete(key);
    return waiting.item;
  }
}

function join(into: ReceiptItem, mark: Mark): void {
  const deliveredSeq = furthest(into.deliveredSeq, mark.deliveredSeq);
  const readSeq = furthest(into.readSeq, mark.readSeq);
  if (deliveredSeq !== undefined) into.deliveredSeq = deliveredSeq;
  if (readSeq !== undefined) into.readSeq = readSeq;
}

export const receiptHandlers = {
  "receipt:delivered": (ctx, socket, { conversationId, seq }) =>
    ctx.receipts.mark({ userId: socket.data.userId, conversationId, deliveredSeq: seq }),
  "receipt:read": (ctx, socket, { conversationId, seq }) =>
    ctx.receipts.mark({ userId: socket.data.userId, conversationId, readSeq: seq }),
  "receipt:readMessage": forward("receipt:readMessage"),
  "receipt:readAll": forward("receipt:readAll"),
  "receipt:unread": forward("receipt:unread"),
} satisfies Partial<Handlers>;
