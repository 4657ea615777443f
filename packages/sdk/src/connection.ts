import {
  ChatError,
  type CommandInput,
  type CommandName,
  type CommandResult,
  PROTOCOL_VERSION,
  type Ready,
} from "@confab/contract";
import { createSource, type Notifier } from "./readable.ts";
import { asChatError, backoffMs, type Ctx, createAlarm, errorFromWire, isFinal, pauseMs } from "./runtime.ts";
import type { Tokens } from "./tokens.ts";
import type { OpenTransport, Transport } from "./transport.ts";
import type { ConnectionStatus, Readable } from "./types.ts";

const ACK_DEADLINE_MS = 10_000;
/** From the first byte to `ready`. */
const READY_DEADLINE_MS = 15_000;
/** What is on its way when leaving gets this long on a stalled network. */
const CLOSE_DEADLINE_MS = 2_000;
/** A connection that lasted this long was a good one: the next pause is short again. */
const STABLE_MS = 10_000;
/** A provider that unmounts and mounts again (StrictMode) keeps its connection. */
const RELEASE_GRACE_MS = 250;

export interface Connection {
  status: Readable<ConnectionStatus>;
  hold(): () => void;
  leave(): Promise<void>;
  /** Rejects with `unavailable` while not online, `timeout` after 10 s (P10), or what the server answered. */
  request<N extends CommandName>(name: N, payload: CommandInput<N>): Promise<NonNullable<CommandResult<N>>>;
  /** A hint without an answer: dropped while not online. */
  tell<N extends CommandName>(name: N, payload: CommandInput<N>): void;
  /** The network may be back: do not sit out a long pause. */
  hurry(): void;
}

export interface ConnectionOptions {
  url: string;
  tokens: Tokens;
  openTransport: OpenTransport;
  notifier: Notifier;
  isActive(): boolean;
  onReady(ready: Ready): void;
  onEvent(name: string, payload: unknown): void;
  onOffline(): void;
  /** Left, or turned away for good. */
  onStopped(): void;
}

export function createConnection(ctx: Ctx, options: ConnectionOptions): Connection {
  const status = createSource<ConnectionStatus>(options.notifier, { state: "idle" });
  const pending = new Set<(error: ChatError) => void>();
  let holds = new Set<symbol>();
  let transport: Transport | null = null;
  /** Raised by every attempt and every leave, so that answers to an earlier one are ignored. */
  let attempt = 0;
  let failures = 0;
  let everOnline = false;
  let onlineSinceMs = 0;
  let drainUntilMs = 0;

  const retry = createAlarm(ctx, () => void start("connect"));
  const readyDeadline = createAlarm(ctx, () => lose(new ChatError("timeout", { reason: "not_ready" })));
  const drain = createAlarm(ctx, () => {
    void close();
    void start("connect");
  });
  const release = createAlarm(ctx, () => {
    if (holds.size === 0) void leave();
  });

  /** Ends what there is of a connection; requests in flight fail as `unavailable`. */
  function close(): Promise<void> {
    attempt += 1;
    for (const alarm of [retry, readyDeadline, drain]) alarm.cancel();
    const closing = transport?.close() ?? Promise.resolve();
    transport = null;
    const wasOnline = status.getSnapshot().state === "online";
    if (wasOnline && ctx.clock.now() - onlineSinceMs >= STABLE_MS) failures = 0;
    const error = new ChatError("unavailable", { reason: "disconnected" });
    for (const reject of [...pending]) reject(error);
    if (wasOnline) {
      status.set({ state: "reconnecting" });
      options.onOffline();
    }
    return closing;
  }

  function stop(state: "idle" | "unauthorized" | "closed", error?: ChatError): Promise<void> {
    const closing = close();
    holds = new Set();
    everOnline = false;
    failures = 0;
    status.set(error === undefined ? { state } : { state, error });
    options.onStopped();
    return closing;
  }

  async function leave(): Promise<void> {
    if (status.getSnapshot().state === "idle") return;
    const closing = stop("idle");
    let timer: unknown;
    const late = new Promise<void>((resolve) => {
      timer = ctx.clock.setTimeout(resolve, CLOSE_DEADLINE_MS);
    });
    await Promise.race([closing, late]);
    ctx.clock.clearTimeout(timer);
  }

  /** The connection or the attempt failed: another follows, without limit. */
  function lose(error: ChatError): void {
    void close();
    const drainMs = drainUntilMs - ctx.clock.now();
    const delayMs = drainMs > 0 ? drainMs : pauseMs(ctx, error, failures);
    failures += 1;
    status.set({
      state: everOnline ? "reconnecting" : "connecting",
      retryAtMs: ctx.clock.now() + delayMs,
      error,
    });
    retry.arm(delayMs);
  }

  async function start(reason: "connect" | "rejected", refused?: string): Promise<void> {
    attempt += 1;
    const mine = attempt;
    drainUntilMs = 0;
    status.set({ state: everOnline ? "reconnecting" : "connecting" });
    let token: string;
    try {
      token = await (refused === undefined
        ? options.tokens.fetch("connect")
        : options.tokens.replace(refused));
    } catch (cause) {
      const error = asChatError(cause);
      if (mine === attempt) error.code === "unauthenticated" ? void stop("unauthorized", error) : lose(error);
      return;
    }
    if (mine !== attempt) return;
    readyDeadline.arm(READY_DEADLINE_MS);
    const current = (): boolean => mine === attempt;
    transport = options.openTransport({
      url: options.url,
      auth: { token, protocol: PROTOCOL_VERSION, active: options.isActive() },
      handlers: {
        onEvent: (name, payload) => current() && receive(name, payload),
        onClosed: (cause) => current() && lose(new ChatError("unavailable", { reason: cause })),
        onRefused: (error) => current() && refuse(error, reason, token),
      },
    });
  }

  function refuse(error: ChatError, reason: "connect" | "rejected", token: string): void {
    ctx.logger.debug("connection refused", { code: error.code, reason: error.reason });
    if (error.code === "unauthenticated" && reason === "connect") {
      void close();
      void start("rejected", token);
    } else if (error.code === "unauthenticated") void stop("unauthorized", error);
    else if (isFinal(error)) void stop("closed", error);
    else lose(error);
  }

  function receive(name: string, payload: unknown): void {
    if (name === "ready") {
      readyDeadline.cancel();
      everOnline = true;
      onlineSinceMs = ctx.clock.now();
      status.set({ state: "online" });
      options.onReady(payload as Ready);
      return;
    }
    if (name === "server:draining") {
      const { reconnectInMs } = payload as { reconnectInMs: number };
      drainUntilMs = ctx.clock.now() + reconnectInMs;
      drain.arm(reconnectInMs);
    }
    if (name === "auth:expiring") void refreshToken();
    options.onEvent(name, payload);
  }

  async function refreshToken(): Promise<void> {
    const mine = attempt;
    for (let tries = 0; mine === attempt; tries++) {
      try {
        const token = await options.tokens.fetch("expiring");
        if (mine === attempt) await request("auth:refresh", { token });
        return;
      } catch (cause) {
        const error = asChatError(cause);
        ctx.logger.warn("token not refreshed", { code: error.code, reason: error.reason });
        // Refused for good: the server ends the connection, and the next one settles it.
        if (error.retry === "never") return;
        await new Promise<void>((resolve) => ctx.clock.setTimeout(resolve, backoffMs(ctx, tries)));
      }
    }
  }

  function request<N extends CommandName>(
    name: N,
    payload: CommandInput<N>,
  ): Promise<NonNullable<CommandResult<N>>> {
    return new Promise((resolve, reject) => {
      if (transport === null || status.getSnapshot().state !== "online") {
        reject(new ChatError("unavailable", { reason: "offline" }));
        return;
      }
      const settle = (): void => {
        pending.delete(fail);
        ctx.clock.clearTimeout(timer);
      };
      const fail = (error: ChatError): void => {
        settle();
        reject(error);
      };
      const timer = ctx.clock.setTimeout(
        () => fail(new ChatError("timeout", { reason: "no_ack" })),
        ACK_DEADLINE_MS,
      );
      pending.add(fail);
      transport.emit(name, payload, (answer) => {
        const ack = answer as { ok: boolean; error?: object };
        if (!pending.has(fail)) return;
        if (!ack.ok) return fail(errorFromWire(ack.error));
        settle();
        resolve(answer as NonNullable<CommandResult<N>>);
      });
    });
  }

  /** It waits by its own choice: what the server asked for is kept, the end of a drain and `retryAfterMs`. */
  function mayHurry(): boolean {
    const { retryAtMs, error } = status.getSnapshot();
    return retryAtMs !== undefined && error?.retryAfterMs === undefined && drainUntilMs <= ctx.clock.now();
  }

  return {
    status,
    request,
    leave,
    hold() {
      const id = Symbol();
      holds.add(id);
      release.cancel();
      const { state } = status.getSnapshot();
      const isWaiting = mayHurry();
      if (isWaiting) retry.cancel();
      if (isWaiting || state === "idle" || state === "unauthorized" || state === "closed")
        void start("connect");
      return () => {
        if (holds.delete(id) && holds.size === 0) release.arm(RELEASE_GRACE_MS);
      };
    },
    tell(name, payload) {
      if (status.getSnapshot().state === "online") transport?.emit(name, payload);
    },
    hurry() {
      if (mayHurry()) retry.arm(backoffMs(ctx, 0));
    },
  };
}
