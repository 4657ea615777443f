import { ChatError, WireError } from "@confab/contract";
import type { InternalRoute } from "@confab/contract/internal";
import { Pool } from "undici";
import type { z } from "zod";

export interface RpcOptions {
  baseUrl: string;
  internalToken: string;
  /** A call that takes longer fails with `timeout`; it may still have happened. */
  deadlineMs: number;
  connections?: number;
}

/** Calls the internal routes of one service over kept connections. */
export class RpcClient implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #options: RpcOptions;
  readonly #basePath: string;

  constructor(options: RpcOptions) {
    const url = new URL(options.baseUrl);
    this.#options = options;
    this.#basePath = url.pathname.replace(/\/$/, "");
    this.#pool = new Pool(url.origin, {
      connections: options.connections ?? 16,
      pipelining: 1,
      connect: { timeout: 1000 },
      keepAliveTimeout: 4000,
    });
  }

  /**
   * The reply is trusted: both ends are of this repository.
   * @throws ChatError as the other service answered; `unavailable` when it cannot be reached; `timeout`
   */
  async call<R extends InternalRoute>(route: R, body: z.input<R["body"]>): Promise<z.output<R["reply"]>> {
    // `AbortSignal.timeout` cannot be cleared: each call would wake the process once more when it is long over.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), this.#options.deadlineMs);
    try {
      const response = await this.#pool.request({
        method: "POST",
        path: this.#basePath + route.path,
        headers: {
          "content-type": "application/json",
          authorization: `Bearer ${this.#options.internalToken}`,
        },
        body: JSON.stringify(body),
        signal: deadline.signal,
      });
      const reply = await response.body.json();
      if (response.statusCode === 200) return reply as z.output<R["reply"]>;
      const problem = WireError.safeParse(reply);
      throw problem.success
        ? ChatError.fromWire(problem.data)
        : new ChatError("unavailable", { reason: `status_${response.statusCode}` });
    } catch (error) {
      if (error instanceof ChatError) throw error;
      const late = deadline.signal.aborted;
      throw new ChatError(late ? "timeout" : "unavailable", {
        reason: late ? "rpc_timeout" : "unreachable",
        cause: error,
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}
