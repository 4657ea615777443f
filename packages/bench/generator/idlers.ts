import type { Client, Person } from "./client.ts";
import { type ConnectOptions, type ConnectReport, connectAll, createClients } from "./swarm.ts";

export interface IdlersPlan {
  people: Person[];
}

/** Devices that connect and then do nothing but answer pings. */
export class Idlers {
  readonly #clients: Client[];
  #connected = 0;
  #lost = 0;

  constructor({ people }: IdlersPlan) {
    this.#clients = createClients(people, {
      onEvent: () => {},
      onAck: () => {},
      onLost: () => {
        this.#lost += 1;
      },
    });
  }

  /** The next so many of them. */
  connect(count: number, options: ConnectOptions): Promise<ConnectReport> {
    const next = this.#clients.slice(this.#connected, this.#connected + count);
    this.#connected += next.length;
    return connectAll(next, options);
  }

  report(): { connected: number; lost: number } {
    return { connected: this.#connected - this.#lost, lost: this.#lost };
  }
}
