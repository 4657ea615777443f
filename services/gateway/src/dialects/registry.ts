import { type Dialect, inferDialect } from "@confab/contract/internal";
import type { Clock, RpcClient } from "@confab/runtime";
import type { GatewayMetrics } from "../metrics.ts";
import type { DialectClient } from "./client.ts";
import { Lookups } from "./lookups.ts";
import { Translator } from "./translate.ts";

/** Everybody here who speaks a dialect. What nobody speaks is never looked at. */
export class Dialects {
  /** Those that are not turned off. */
  readonly spoken: readonly Dialect[];
  readonly clients = new Set<DialectClient>();
  readonly lookups: Lookups;
  readonly translator: Translator;
  readonly #metrics: GatewayMetrics;

  constructor(options: {
    spoken: readonly Dialect[];
    message: RpcClient;
    metrics: GatewayMetrics;
    clock: Clock;
  }) {
    this.spoken = options.spoken;
    this.#metrics = options.metrics;
    this.lookups = new Lookups(options.message);
    this.translator = new Translator({ ...options, lookups: this.lookups });
  }

  /** Sockets that have yet to sign in. */
  get strangers(): number {
    let count = 0;
    for (const client of this.clients) if (!client.isSignedIn) count += 1;
    return count;
  }

  add(client: DialectClient): void {
    this.clients.add(client);
    if (client.dialect) this.#count(client.dialect, 1);
  }

  remove(client: DialectClient): void {
    if (this.clients.delete(client) && client.dialect) this.#count(client.dialect, -1);
  }

  decide(client: DialectClient, dialect: Dialect): void {
    this.#count(dialect, 1);
    client.decide(dialect);
  }

  /** For a socket that brought a token and says nothing. */
  decideSilent(client: DialectClient): void {
    const dialect = inferDialect(this.spoken, { hasToken: true });
    if (dialect) this.decide(client, dialect);
    else client.socket.disconnect(true);
  }

  #count({ name }: Dialect, by: 1 | -1): void {
    this.#metrics.dialectSockets.inc({ dialect: name }, by);
    if (by > 0) this.#metrics.dialectConnections.inc({ dialect: name });
  }
}
