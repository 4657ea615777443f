import {
  MESSAGE_RPC,
  type OpenedSession,
  type Outcome,
  SESSIONS_PER_REQUEST,
  type SessionRequest,
} from "@confab/contract/internal";
import { Batcher, type Clock, type RpcClient, withDeadline } from "@confab/runtime";
import { unwrap } from "./events/outcome.ts";

/**
 * Asks the message service who connects. Whoever comes while a request is under way shares the next one, so a storm
 * of reconnects costs few statements, and leaves the message service to those who are connected already.
 */
export class SessionOpener {
  readonly #batcher: Batcher<SessionRequest, Outcome<OpenedSession>>;
  readonly #deadlineMs: number;

  constructor(message: RpcClient, options: { deadlineMs: number; maxWaiting: number; clock: Clock }) {
    this.#deadlineMs = options.deadlineMs;
    this.#batcher = new Batcher({
      maxItems: SESSIONS_PER_REQUEST,
      maxWaiting: options.maxWaiting,
      maxWait: { ms: options.deadlineMs, clock: options.clock },
      run: async (items) => (await message.call(MESSAGE_RPC.openSessions, { items })).results,
    });
  }

  /** @throws ChatError `unauthenticated` when the session has ended; `unavailable`, `timeout` */
  async open(request: SessionRequest): Promise<OpenedSession> {
    return unwrap(await withDeadline(this.#batcher.add(request), this.#deadlineMs, "session"));
  }
}
