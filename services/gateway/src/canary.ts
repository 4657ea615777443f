/**
 * P4: a gateway that hears nothing must know it. Every 2 s a packet goes to Redis over the connection that the
 * adapter publishes with, and must come back over the one that it hears with. (It cannot pass through the
 * adapter itself, which drops what it sent.) Three that are missed mean that messages may be missed, too.
 */
import type { Clock, Logger, Realtime } from "@confab/runtime";
import type { GatewayMetrics } from "./metrics.ts";

const MISSES = 3;
/** Connections that look well and carry nothing for so long will not mend by themselves. */
const WEDGED_MS = 30_000;
/** ioredis' words for a connection that is there; others are about to be tried again. */
const CONNECTED = new Set(["connect", "ready"]);

export interface CanaryOptions {
  realtime: Realtime;
  channel: string;
  intervalMs: number;
  clock: Clock;
  metrics: GatewayMetrics;
  log: Logger;
  /** Something may have been missed, and from now on nothing is. */
  onGap: (cause: "reconnected" | "canary") => void;
}

export class Canary implements Disposable {
  readonly #options: CanaryOptions;
  readonly #timer: NodeJS.Timeout;
  #echoAtMs: number;
  #sent = 0;
  #misses = 0;
  #degraded = false;

  constructor(options: CanaryOptions) {
    this.#options = options;
    const { realtime, channel, metrics, clock } = options;
    this.#echoAtMs = clock.now();
    realtime.subscriber.on("smessage", (name: string, message: string) => {
      if (name === channel) this.#hear(message);
    });
    void this.#subscribe();
    // A fresh connection is not blamed for what the one before it missed.
    for (const redis of [realtime.publisher, realtime.subscriber]) {
      redis.on("ready", () => {
        this.#misses = 0;
      });
    }
    realtime.subscriber.on("ready", () => void this.#afterConnect());
    metrics.base.gauge(
      "chat_gateway_canary_age_seconds",
      "Since a packet last came back through Redis",
      [],
      () => this.ageMs / 1000,
    );
    this.#timer = setInterval(() => this.#tick(), options.intervalMs);
    this.#timer.unref();
  }

  get ageMs(): number {
    return this.#options.clock.now() - this.#echoAtMs;
  }

  /**
   * Only this process is cut off. While Redis is away for everyone, being unready would send all clients from
   * gateway to gateway (research/reliability.md 5.1).
   */
  get wedged(): boolean {
    const { publisher, subscriber } = this.#options.realtime;
    const connected = publisher.status === "ready" && subscriber.status === "ready";
    return connected && this.ageMs > WEDGED_MS;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #subscribe(): Promise<void> {
    await this.#options.realtime.subscriber.ssubscribe(this.#options.channel).catch(() => undefined);
  }

  /** ioredis asks for its channels again before this; the last answer means that all of them are heard. */
  async #afterConnect(): Promise<void> {
    await this.#subscribe();
    if (!this.#degraded) this.#options.onGap("reconnected");
  }

  #tick(): void {
    if (this.#sent > 0) this.#misses += 1;
    if (this.#misses >= MISSES) this.#degrade();
    this.#sent = performance.now();
    const { realtime, channel } = this.#options;
    realtime.publisher.spublish(channel, String(this.#sent)).catch(() => undefined);
  }

  #hear(message: string): void {
    const sentAt = Number(message);
    this.#echoAtMs = this.#options.clock.now();
    this.#misses = 0;
    if (sentAt === this.#sent) this.#sent = 0;
    this.#options.metrics.canaryRtt.observe((performance.now() - sentAt) / 1000);
    if (!this.#degraded) return;
    this.#degraded = false;
    this.#options.metrics.degraded.set(0);
    this.#options.log.info("packets come back through Redis again");
    this.#options.onGap("canary");
  }

  #degrade(): void {
    const { realtime, metrics, log } = this.#options;
    if (!this.#degraded) log.warn("packets do not come back through Redis; connecting anew");
    this.#degraded = true;
    this.#misses = 0;
    metrics.degraded.set(1);
    // A peer that silently went away is not noticed otherwise, also not while it is asked whether it is ready.
    for (const redis of [realtime.publisher, realtime.subscriber]) {
      if (CONNECTED.has(redis.status)) redis.disconnect(true);
    }
  }
}
