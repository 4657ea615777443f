import type { IncomingMessage } from "node:http";
import { isReady } from "../processes.ts";
import { canConnect } from "../stores/ports.ts";

const POLL_INTERVAL_MS = 500;
const CONNECT_TIMEOUT_MS = 500;

/** In turn from `next` on, those that are ready first: a gateway that is draining serves only if none else does. */
export function orderGateways(urls: string[], ready: Set<string>, next: number): string[] {
  const turned = urls.map((_, index) => urls[(next + index) % urls.length] ?? "");
  return [...turned.filter((url) => ready.has(url)), ...turned.filter((url) => !ready.has(url))];
}

/** Long polling is several requests of one session, so they must meet the same gateway: chosen by the client's address. */
export function isSticky(request: Pick<IncomingMessage, "url" | "headers">): boolean {
  const query = new URL(request.url ?? "/", "http://edge").searchParams;
  return query.has("sid") || query.get("transport") === "polling";
}

function hashAddress(address = ""): number {
  let hash = 0;
  for (const character of address) hash = (hash * 31 + character.charCodeAt(0)) % 1_000_003;
  return hash;
}

/** The gateways behind the public address, of which the ready ones are used in turn. */
export class GatewayPool {
  readonly #urls: string[];
  readonly #ready = new Set<string>();
  readonly #timer: NodeJS.Timeout;
  #next = 0;

  constructor(urls: string[]) {
    this.#urls = urls;
    this.#timer = setInterval(() => void this.refresh(), POLL_INTERVAL_MS);
    this.#timer.unref();
  }

  async refresh() {
    await Promise.all(
      this.#urls.map(async (url) => {
        if (await isReady(`${url}/readyz`)) this.#ready.add(url);
        else this.#ready.delete(url);
      }),
    );
  }

  /** A gateway that accepts connections now, or undefined when none does. */
  async pick(request: IncomingMessage): Promise<string | undefined> {
    const turn = isSticky(request) ? hashAddress(request.socket.remoteAddress) : this.#next++;
    for (const url of orderGateways(this.#urls, this.#ready, turn)) {
      const { port, hostname } = new URL(url);
      if (await canConnect(Number(port), hostname, CONNECT_TIMEOUT_MS)) return url;
      this.#ready.delete(url);
    }
    return undefined;
  }

  close() {
    clearInterval(this.#timer);
  }
}
