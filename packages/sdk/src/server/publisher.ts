/** P2: every item has its key before the first attempt, so that however often it is sent it is one message. */
import { ChatError, LIMITS, type ROUTES } from "@confab/contract";
import { callRest, type InputOf } from "../http.ts";
import { asChatError, type Clock, errorFromWire, pauseMs, systemClock } from "../runtime.ts";
import { type Keyed, withKeys } from "./keys.ts";

type Route = (typeof ROUTES)["publish"];
const PUBLISH = ["POST", "/v1/publish"] as const satisfies readonly [Route["method"], Route["path"]];

/** A message to publish: to a conversation, or to a person. `senderId` speaks for somebody, if the token may. */
export type Publication = InputOf<"publish", "body">["items"][number];

export interface PublishedMessage {
  messageId: string;
  conversationId: string;
  seq: number;
  /** It was there already: an earlier attempt, or an earlier call with the same key, has stored it. */
  duplicate: boolean;
}
export type PublishOutcome = PublishedMessage | { error: ChatError };

export interface PublishOptions {
  /** Names this call: the same key and the same items give the same messages, also from another process. */
  idempotencyKey?: string;
  /** Gives up; what was not answered by then may be stored or not. */
  signal?: AbortSignal;
}

export interface PublisherOptions {
  /** Address of the deployment, e.g. `https://chat.example.com`. */
  url: string;
  /** A service token (`npm run service-token`), or a function that reads the present one. */
  token: string | (() => string | Promise<string>);
  /** Requests for the same items, the first included, before their error is the outcome; default 8, about a minute. */
  maxAttempts?: number;
  fetch?: typeof fetch;
  clock?: Clock;
  /** 0 ≤ x < 1, for jitter. */
  random?: () => number;
}

export interface Publisher {
  /**
   * Publishes any number of items, in batches of 100, in their order; answers with one outcome for each. What can be
   * retried is retried; a refused item does not touch the others.
   * @throws ChatError `unauthenticated`, `forbidden`: the token may not publish; `unavailable`, reason `aborted`
   */
  publish(items: readonly Publication[], options?: PublishOptions): Promise<PublishOutcome[]>;
}

/** What is sent together, by position in the call. */
interface Batch {
  positions: number[];
  failures: number;
}

/** For services: publishes messages by REST, from Node or anything else that has `fetch`. */
export function createPublisher(options: PublisherOptions): Publisher {
  const { token, maxAttempts = 8, clock = systemClock, random = Math.random } = options;
  const ctx = { clock, random, logger: { debug() {}, warn() {} } };

  /** One outcome for each item, or why there is none. */
  async function request(items: Keyed[], signal: AbortSignal | undefined) {
    try {
      const current = typeof token === "string" ? token : await token();
      const input = { body: { items }, ...(signal && { signal }) };
      const reply = (await callRest(options, PUBLISH, input, current)) as { results: WireOutcome[] };
      return reply.results.map(fromWire);
    } catch (error) {
      return asChatError(error);
    }
  }

  return {
    async publish(publications, { idempotencyKey, signal } = {}) {
      const items = await withKeys(publications, idempotencyKey);
      const outcomes: PublishOutcome[] = [];
      const batches = cut(items.length);
      for (let batch = batches.shift(); batch; batch = batches.shift()) {
        if (signal?.aborted) throw new ChatError("unavailable", { reason: "aborted" });
        const { positions, failures } = batch;
        const answer = await request(
          positions.map((at) => items[at] as Keyed),
          signal,
        );
        if (answer instanceof ChatError) {
          const halves = isOfContent(answer) ? split(batch) : [];
          batches.unshift(...halves);
          if (halves.length > 0) continue;
          // A token that is read anew may have been replaced between reading and use.
          const isStale = answer.code === "unauthenticated" && typeof token === "function" && failures === 0;
          if (isOfToken(answer) && !isStale) throw answer;
        }
        const errors = new Map<number, ChatError>();
        for (const [index, at] of positions.entries()) {
          const outcome = answer instanceof ChatError ? { error: answer } : (answer[index] as PublishOutcome);
          outcomes[at] = outcome;
          if ("error" in outcome && mayPass(outcome.error)) errors.set(at, outcome.error);
        }
        if (errors.size === 0 || failures + 1 >= maxAttempts) continue;
        const longest = Math.max(...[...errors.values()].map((error) => pauseMs(ctx, error, failures)));
        await pause(clock, longest, signal);
        batches.unshift({ positions: [...errors.keys()], failures: failures + 1 });
      }
      return outcomes;
    },
  };
}

type WireOutcome = PublishedMessage | { error: Parameters<typeof errorFromWire>[0] };
const fromWire = (outcome: WireOutcome): PublishOutcome =>
  "error" in outcome ? { error: errorFromWire(outcome.error) } : outcome;

/** A refusal of the request as a whole that one of its items may have caused. */
const isOfContent = ({ code }: ChatError): boolean => code === "invalid" || code === "too_large";
const isOfToken = ({ code }: ChatError): boolean => code === "unauthenticated" || code === "forbidden";
const mayPass = ({ retry, code }: ChatError): boolean => retry !== "never" || code === "unauthenticated";

function cut(count: number): Batch[] {
  const all = Array.from({ length: count }, (_, at) => at);
  const starts = all.filter((at) => at % LIMITS.publishItems === 0);
  return starts.map((at) => ({ positions: all.slice(at, at + LIMITS.publishItems), failures: 0 }));
}

/** Two halves, so that in the end one item stands alone; nothing where it does already. */
function split({ positions, failures }: Batch): Batch[] {
  const middle = Math.ceil(positions.length / 2);
  if (positions.length < 2) return [];
  return [positions.slice(0, middle), positions.slice(middle)].map((half) => ({ positions: half, failures }));
}

/** Ends early when it is given up. */
function pause(clock: Clock, delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clock.clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.setTimeout(done, delayMs);
    signal?.addEventListener("abort", done);
  });
}
