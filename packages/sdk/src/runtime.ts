import { ChatError, ERROR_CODES, type WireError } from "@confab/contract";
import type { Logger } from "./types.ts";

/** Time, so that tests can hold it. Milliseconds everywhere. */
export interface Clock {
  now(): number;
  setTimeout(run: () => void, delayMs: number): unknown;
  clearTimeout(timer: unknown): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimeout: (run, delayMs) => setTimeout(run, delayMs),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** What every part of the client is given instead of globals. */
export interface Ctx {
  clock: Clock;
  random: () => number;
  logger: Logger;
}

/** Full jitter: 0–1 s at first, then up to twice as long each time, at most 30 s. */
export const backoffMs = (ctx: Ctx, failures: number): number =>
  ctx.random() * Math.min(30_000, 1000 * 2 ** Math.min(failures, 10));

/** How long to wait before the same request again: what the server asked for, else with growing pauses. */
export const pauseMs = (ctx: Ctx, error: ChatError, failures: number): number =>
  error.retryAfterMs === undefined
    ? backoffMs(ctx, failures)
    : error.retryAfterMs + ctx.random() * Math.min(1000, error.retryAfterMs);

/** A refusal that the same request will meet again; an expired token is not one, for a new connection brings another. */
export const isFinal = (error: ChatError): boolean =>
  error.retry === "never" && error.code !== "unauthenticated";

/** Also takes codes of a newer server. */
export function errorFromWire(wire: Partial<WireError> | undefined): ChatError {
  const code = wire?.code !== undefined && wire.code in ERROR_CODES ? wire.code : "internal";
  return new ChatError(code, wire);
}

export const asChatError = (error: unknown): ChatError =>
  error instanceof ChatError ? error : new ChatError("unavailable", { reason: "network", cause: error });

/** Sixteen bytes as a UUID of this version (RFC 9562). */
export function toUuid(bytes: Uint8Array, version: 4 | 8): string {
  const own = bytes.slice(0, 16);
  own[6] = ((own[6] as number) & 0x0f) | (version << 4);
  own[8] = ((own[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(own, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** `crypto.randomUUID` is missing on plain http pages. */
export const mintUuid = (): string => toUuid(crypto.getRandomValues(new Uint8Array(16)), 4);

/** One timer. Arming it while it waits can only bring the run forward. */
export interface Alarm {
  arm(delayMs: number): void;
  cancel(): void;
}

export function createAlarm(ctx: Ctx, run: () => void): Alarm {
  let timer: unknown = null;
  let dueAtMs = 0;
  const cancel = (): void => {
    if (timer !== null) ctx.clock.clearTimeout(timer);
    timer = null;
  };
  return {
    cancel,
    arm(delayMs) {
      const at = ctx.clock.now() + delayMs;
      if (timer !== null && dueAtMs <= at) return;
      cancel();
      dueAtMs = at;
      timer = ctx.clock.setTimeout(() => {
        timer = null;
        run();
      }, delayMs);
    },
  };
}
