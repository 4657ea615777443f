/**
 * P7: a lease per connection tells the presence service who is here. All that happens at about the same time goes
 * in one request, in order. Chat never waits for it: what was not heard is said again with the next beat.
 */
import { type LeaseChange, PRESENCE_RPC } from "@confab/contract/internal";
import { Batcher, type Clock, type Logger, type RpcClient } from "@confab/runtime";
import type { GatewayConfig } from "./config.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { type GatewaySocket, type Io, localSockets, signedInSockets } from "./socket.ts";

const BATCH_CHANGES = 5000;
/** Renewals go out in parts, so that no turn of anybody's event loop is a long one; of so many at least, once in so long. */
const LEAST_PER_PART = 500;
const PART_MS = 1000;
/** Every socket may be opening, closing and being renewed while a request hangs. */
const MAX_WAITING = 200_000;
/** A lease that was not given back has lapsed after this. */
const LEASE_MS = 52_000;

export interface LeasesOptions {
  presence: RpcClient;
  config: Pick<GatewayConfig, "id" | "beatIntervalMs">;
  clock: Clock;
  metrics: GatewayMetrics;
  log: Logger;
  io: Io;
}

export class Leases implements Disposable {
  readonly #options: LeasesOptions;
  readonly #batcher: Batcher<LeaseChange, boolean | undefined>;
  readonly #timer: NodeJS.Timeout;
  /** Closes that the presence service did not hear, by connection, and when. */
  readonly #unheard = new Map<string, { change: LeaseChange; atMs: number }>();
  /** Connections whose lease this beat has yet to renew: by id, as a socket that is gone should go. */
  #due: string[] = [];
  readonly #parts: number;
  #part = 0;
  #partSize = 0;
  #latest: Promise<unknown> = Promise.resolve();
  #failing = false;

  constructor(options: LeasesOptions) {
    this.#options = options;
    this.#batcher = new Batcher({
      maxItems: BATCH_CHANGES,
      maxWaiting: MAX_WAITING,
      run: (changes) => this.#tell(changes),
    });
    const { beatIntervalMs } = options.config;
    this.#parts = Math.max(1, Math.floor(beatIntervalMs / PART_MS));
    this.#timer = setInterval(() => this.#beat(), beatIntervalMs / this.#parts);
    this.#timer.unref();
  }

  /** The socket is here. What it did not say of its activity, the presence service knows from before. */
  open(socket: GatewaySocket): void {
    void this.#say(leaseOf(socket, "open")).then((active) => {
      socket.data.active ??= active;
    });
  }

  /** Resolves when the presence service has heard of the socket's activity, or could not be reached. */
  async renew(socket: GatewaySocket): Promise<void> {
    if (!socket.connected) return;
    await this.#say(leaseOf(socket, "beat"));
  }

  /** `left`: the client said goodbye, so nobody waits for it to come back. */
  close(socket: GatewaySocket, left: boolean): void {
    void this.#say({ ...leaseOf(socket, "close"), left });
  }

  /** Resolves when everything so far has been told, or could not be. */
  async settled(): Promise<void> {
    await this.#latest;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  /** The next part of a beat. Whoever connects meanwhile has a fresh lease, and waits for the next one. */
  #beat(): void {
    const heardBeforeMs = this.#options.clock.now() - LEASE_MS;
    const unheard = [...this.#unheard.values()].filter(({ atMs }) => atMs > heardBeforeMs);
    this.#unheard.clear();
    for (const { change } of unheard) void this.#say(change);
    if (this.#part === 0) {
      this.#due = Array.from(signedInSockets(this.#options.io), ({ id }) => id);
      this.#partSize = Math.max(LEAST_PER_PART, Math.ceil(this.#due.length / this.#parts));
    }
    this.#part = (this.#part + 1) % this.#parts;
    const sockets = localSockets(this.#options.io);
    for (const id of this.#due.splice(0, this.#partSize)) {
      const socket = sockets.get(id);
      if (socket) void this.#say(leaseOf(socket, "beat"));
    }
  }

  #say(change: LeaseChange): Promise<boolean | undefined> {
    const answer = this.#batcher.add(change).catch(() => undefined);
    this.#latest = answer;
    return answer;
  }

  async #tell(changes: LeaseChange[]): Promise<(boolean | undefined)[]> {
    const { presence, config, metrics, clock, log } = this.#options;
    try {
      const { opened } = await presence.call(PRESENCE_RPC.changeLeases, { gatewayId: config.id, changes });
      metrics.presenceCalls.inc({ call: "leases", result: "ok" });
      if (this.#failing) log.info("the presence service is back");
      this.#failing = false;
      const activity = new Map(Object.entries(opened));
      return changes.map(({ connectionId }) => activity.get(connectionId));
    } catch (error) {
      metrics.presenceCalls.inc({ call: "leases", result: "failed" });
      if (!this.#failing) log.warn({ err: error }, "the presence service does not answer");
      this.#failing = true;
      // Another beat of everybody begins: the next one would leave little time to try again.
      this.#part = 0;
      for (const change of changes) {
        if (change.change === "close") this.#unheard.set(change.connectionId, { change, atMs: clock.now() });
      }
      return changes.map(() => undefined);
    }
  }
}

function leaseOf({ id, data }: GatewaySocket, change: LeaseChange["change"]): LeaseChange {
  return {
    connectionId: id,
    userId: data.userId,
    change,
    ...(data.active !== undefined && { active: data.active }),
  };
}
