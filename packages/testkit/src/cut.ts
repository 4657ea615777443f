import { randomInt } from "node:crypto";
import { connect, createServer, type Server, type Socket } from "node:net";

export interface Cut extends AsyncDisposable {
  /** On 127.0.0.1: clients connect here instead of to the target. */
  readonly port: number;
  /** The target's URL with this proxy in place of host and port; only if the target was given as a URL. */
  readonly url: string;
  /** Open connections, client side. */
  readonly connections: number;
  /** Ends every connection (FIN) and refuses new ones. */
  cut(): Promise<void>;
  /** As if nothing had been: accepts, forwards at once, lets go of what `freeze` held. */
  heal(): Promise<void>;
  /** Each piece of data arrives this much later, in both directions, in order. */
  delay(ms: number): void;
  /** Half-open: connections stay, new ones are accepted, nothing passes. `heal` lets what was held through. */
  freeze(): void;
  /** What clients say passes, what the target answers does not: it is done, and nobody is told. `heal` lets it through. */
  holdAnswers(): void;
  /** Ends every connection with RST; new ones are accepted. */
  reset(): void;
}

/** By the end that speaks. */
type End = "client" | "upstream";
type Link = Record<End, Socket>;
interface State {
  delayMs: number;
  /** What an end says waits for this: also what was on its way already. */
  held: Partial<Record<End, PromiseWithResolvers<void>>>;
}

/** A TCP proxy that misbehaves when told to. `target` is a URL or a port on 127.0.0.1. */
export async function createCut(target: string | number): Promise<Cut> {
  const parsed = typeof target === "string" ? new URL(target) : undefined;
  const host = parsed ? parsed.hostname : "127.0.0.1";
  const targetPort = parsed ? portOf(parsed) : (target as number);
  const links = new Set<Link>();
  const state: State = { delayMs: 0, held: {} };

  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ host, port: targetPort, allowHalfOpen: true, noDelay: true });
    const link = { client, upstream };
    links.add(link);
    client.on("close", () => {
      links.delete(link);
      upstream.destroy();
    });
    upstream.on("close", () => client.destroy());
    forward(link, "client", state);
    forward(link, "upstream", state);
  });
  const port = await listenSomewhere(server);

  function hold(end: End): void {
    state.held[end] ??= Promise.withResolvers();
    // Not read either, so that whoever speaks feels the pressure of a full buffer.
    for (const link of links) link[end].pause();
  }
  function letGo(): void {
    for (const held of Object.values(state.held)) held.resolve();
    state.held = {};
    for (const { client, upstream } of links) {
      client.resume();
      upstream.resume();
    }
  }
  function endAll(end: (socket: Socket) => void): void {
    for (const { client, upstream } of links) {
      end(client);
      end(upstream);
    }
    links.clear();
  }
  async function cut(): Promise<void> {
    const closed = server.listening ? new Promise((resolve) => server.close(resolve)) : undefined;
    endAll((socket) => socket.destroy());
    await closed;
  }

  return {
    port,
    get url() {
      if (!parsed) throw new Error("the target was given as a port");
      const through = new URL(parsed);
      through.hostname = "127.0.0.1";
      through.port = String(port);
      return through.href;
    },
    get connections() {
      return links.size;
    },
    cut,
    async heal() {
      state.delayMs = 0;
      letGo();
      if (!server.listening) await listen(server, port);
    },
    delay(ms) {
      state.delayMs = ms;
    },
    freeze() {
      hold("client");
      hold("upstream");
    },
    holdAnswers() {
      hold("upstream");
    },
    reset() {
      endAll((socket) => socket.resetAndDestroy());
    },
    [Symbol.asyncDispose]: cut,
  };
}

/** Passes on what one end says. */
function forward(link: Link, end: End, state: State): void {
  const from = link[end];
  const to = link[end === "client" ? "upstream" : "client"];
  // One chain per direction: pieces that wait for different lengths of time still arrive in order.
  let last: Promise<unknown> = Promise.resolve();
  const later = (act: () => void): void => {
    const { delayMs } = state;
    const wait = delayMs > 0 ? new Promise((resolve) => setTimeout(resolve, delayMs)) : undefined;
    last = Promise.all([last, wait])
      .then(() => state.held[end]?.promise)
      .then(act);
  };
  from.on("data", (piece) => later(() => to.writable && to.write(piece)));
  from.on("end", () => later(() => to.writable && to.end()));
  from.on("error", () => from.destroy());
  if (state.held[end]) from.pause();
}

/** Below those that systems give to whoever asks for any: a cut that is to heal finds its port as it left it. */
const PORTS = { from: 20_000, to: 32_000 };

async function listenSomewhere(server: Server): Promise<number> {
  for (;;) {
    const port = randomInt(PORTS.from, PORTS.to);
    try {
      await listen(server, port);
      return port;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw error;
    }
  }
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}

function portOf(url: URL): number {
  if (url.port) return Number(url.port);
  const known: Record<string, number> = { "mysql:": 3306, "redis:": 6379, "http:": 80 };
  const port = known[url.protocol];
  if (port === undefined) throw new Error(`no port in ${url.protocol}//${url.host}`);
  return port;
}
