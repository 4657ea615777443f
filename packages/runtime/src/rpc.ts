import { ChatError, WireError } from "@confab/contract";
import type { InternalRoute } from "@confab/contract/internal";
import { type Dispatcher, Pool } from "undici";
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
  readonly #headers: Record<string, string>;

  constructor(options: RpcOptions) {
    const url = new URL(options.baseUrl);
    this.#options = options;
    this.#basePath = url.pathname.replace(/\/$/, "");
    this.#headers = {
      "content-type": "application/json",
      authorization: `Bearer ${options.internalToken}`,
    };
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
    const { status, text } = await this.#post(route.path, JSON.stringify(body));
    const reply = parseJson(text);
    if (status === 200 && reply !== undefined) return reply as z.output<R["reply"]>;
    const problem = WireError.safeParse(reply);
    throw problem.success
      ? ChatError.fromWire(problem.data)
      : new ChatError("unavailable", { reason: `status_${status}` });
  }

  /** With a handler of events: Undici's `request` would make a stream of each answer, for twice the CPU. */
  #post(path: string, body: string): Promise<{ status: number; text: string }> {
    const answer = Promise.withResolvers<{ status: number; text: string }>();
    const chunks: Buffer[] = [];
    let status = 0;
    let controller: Dispatcher.DispatchController | undefined;
    const late = new ChatError("timeout", { reason: "rpc_timeout" });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      answer.reject(late);
      controller?.abort(late);
    }, this.#options.deadlineMs);
    const request: Dispatcher.DispatchOptions = {
      method: "POST",
      path: this.#basePath + path,
      headers: this.#headers,
      body,
    };
    this.#pool.dispatch(request, {
      onRequestStart: (started) => {
        controller = started;
        if (isLate) started.abort(late);
      },
      onResponseStart: (_controller, statusCode) => {
        status = statusCode;
      },
      onResponseData: (_controller, chunk) => {
        chunks.push(chunk);
      },
      onResponseEnd: () => {
        clearTimeout(timer);
        answer.resolve({ status, text: Buffer.concat(chunks).toString() });
      },
      onResponseError: (_controller, cause) => {
        clearTimeout(timer);
        answer.reject(new ChatError("unavailable", { reason: "unreachable", cause }));
      },
    });
    return answer.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}

/** Undefined for what is no JSON: a proxy's page, or half an answer. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
