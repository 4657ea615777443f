import { ChatError } from "@confab/contract";
import { asChatError, type Ctx } from "./runtime.ts";
import type { GetToken, TokenReason } from "./types.ts";

const TOKEN_DEADLINE_MS = 30_000;

/** The access token in use; asks the host product for another at most once at a time. */
export interface Tokens {
  /** The one in use, or a first one. */
  current(): Promise<string>;
  fetch(reason: TokenReason): Promise<string>;
  /** Another one than this, which the server refused; several refusals share one request. */
  replace(refused: string): Promise<string>;
}

export function createTokens(ctx: Ctx, getToken: GetToken): Tokens {
  let token: string | null = null;
  let flight: { reason: TokenReason; promise: Promise<string> } | null = null;

  async function ask(reason: TokenReason): Promise<string> {
    const abort = new AbortController();
    let timer: unknown;
    const late = new Promise<never>((_, reject) => {
      timer = ctx.clock.setTimeout(() => {
        const error = new ChatError("timeout", { reason: "token_timeout" });
        abort.abort(error);
        reject(error);
      }, TOKEN_DEADLINE_MS);
    });
    try {
      const answer = await Promise.race([getToken({ reason, signal: abort.signal }), late]);
      if (!answer) throw new ChatError("unauthenticated", { reason: "no_token" });
      token = answer;
      return answer;
    } catch (error) {
      throw asChatError(error);
    } finally {
      ctx.clock.clearTimeout(timer);
    }
  }

  function fetch(reason: TokenReason): Promise<string> {
    // A request for any reason answers a first one; only a refusal needs a request of its own kind.
    if (flight !== null && (flight.reason === reason || reason === "connect")) return flight.promise;
    const promise = ask(reason).finally(() => {
      if (flight?.promise === promise) flight = null;
    });
    flight = { reason, promise };
    return promise;
  }

  return {
    fetch,
    current: async () => token ?? fetch("connect"),
    replace: async (refused) => (token !== null && token !== refused ? token : fetch("rejected")),
  };
}
