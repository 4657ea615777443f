import type { ChatError, Watermarks } from "@confab/contract";
import type { ReceiptItem } from "@confab/contract/internal";
import { Batcher, withDeadline } from "@confab/runtime";
import type { MessageContext } from "../context.ts";
import { asChatError } from "../faults.ts";
import { markReceipts } from "./mark.ts";

export interface Marker {
  /** One outcome for each item, in their order. Never rejects. */
  mark(items: ReceiptItem[]): Promise<(Watermarks | ChatError)[]>;
}

const MARK_DEADLINE_MS = 3000;
const MAX_BATCH_ITEMS = 512;
const MAX_WAITING_ITEMS = 20_000;

/** Receipts of all doors meet here and are stored in batches, one at a time. */
export function createMarker(ctx: MessageContext): Marker {
  const batcher = new Batcher<ReceiptItem, Watermarks | ChatError>({
    maxItems: MAX_BATCH_ITEMS,
    maxWaiting: MAX_WAITING_ITEMS,
    run: (items) => withDeadline(markReceipts(ctx, items), MARK_DEADLINE_MS, "receipts"),
  });
  return {
    mark: (items) => Promise.all(items.map((item) => batcher.add(item).catch(asChatError))),
  };
}
