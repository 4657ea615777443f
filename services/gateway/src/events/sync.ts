import { ChatError, type SyncReply } from "@confab/contract";
import { MESSAGE_RPC, type Outcome, SYNCS_PER_REQUEST, type SyncItem } from "@confab/contract/internal";
import { Batcher, type Clock, type RpcClient, withDeadline } from "@confab/runtime";
import { unwrap } from "./outcome.ts";

/** So many requests under way keep the message service busy. */
const LANES = 2;
const MAX_WAITING = 20_000;

export interface SyncerOptions {
  message: RpcClient;
  deadlineMs: number;
  clock: Clock;
}

/** Asks the message service what devices lack: in a storm of reconnects, for several people at once. */
export class Syncer {
  readonly #deadlineMs: number;
  readonly #lanes: Batcher<SyncItem, Outcome<SyncReply>>[];

  constructor(options: SyncerOptions) {
    this.#deadlineMs = options.deadlineMs;
    this.#lanes = Array.from(
      { length: LANES },
      () =>
        new Batcher({
          maxItems: SYNCS_PER_REQUEST,
          maxWaiting: MAX_WAITING / LANES,
          maxWait: { ms: options.deadlineMs, clock: options.clock },
          run: async (items) => (await options.message.call(MESSAGE_RPC.syncAll, { items })).results,
        }),
    );
  }

  /** @throws ChatError as the message service refused; `unavailable`, `timeout` */
  async sync(item: SyncItem): Promise<SyncReply> {
    const [lane] = this.#lanes.toSorted((one, other) => one.waiting - other.waiting);
    if (!lane) throw new ChatError("internal");
    return unwrap(await withDeadline(lane.add(item), this.#deadlineMs, "sync"));
  }
}
