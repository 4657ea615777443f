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

interface Link {
  client: Socket;
  upstream: Socket;
}

/** A TCP proxy that misbehaves when told to. `target` is a URL or a port on 127.0.0.1. */
export async function createCut(target: string | number): Promise<Cut> {
  const parsed = typeof target === "string" ? new URL(target) : undefined;
  const host = parsed ? parsed.hostname : "127.0.0.1";
  const targetPort = parsed ? portOf(parsed) : (target as number);
  const links = new Set<Link>();
  const state = { frozen: false, holdsAnswers: false, delayMs: 0 };

  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const upstream = connect({ host, port: targetPort, allowHalfOpen: true, noDelay: true });
    const link = { client, upstream };
    links.add(link);
    client.on("close", () => {
      links.delete(link);
      upstream.destroy();
    });
    upstream.on("close", () => client.destroy());
    forward(client, upstream, state);
    forward(upstream, client, state);
    if (state.frozen) pause(link);
    if (state.holdsAnswers) upstream.pause();
  });
  await listen(server, 0);
  const port = (server.address() as { port: number }).port;

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
      state.frozen = false;
      state.holdsAnswers = false;
      state.delayMs = 0;
      for (const { client, upstream } of links) {
        client.resume();
        upstream.resume();
      }
      if (!server.listening) await listen(server, port);
    },
    delay(ms) {
      state.delayMs = ms;
    },
    freeze() {
      state.frozen = true;
      for (const link of links) pause(link);
    },
    holdAnswers() {
      state.holdsAnswers = true;
      for (const { upstream } of links) upstream.pause();
    },
    reset() {
      endAll((socket) => socket.resetAndDestroy());
    },
    [Symbol.asyncDispose]: cut,
  };
}

function forward(from: Socket, to: Socket, state: { delayMs: number }): void {
  // One chain per direction: pieces that wait for different lengths of time still arrive in order.
  let last = Promise.resolve();
  const later = (act: () => void): void => {
    const delayMs = state.delayMs;
    if (delayMs === 0) last = last.then(act);
    else last = Promise.all([last, new Promise((resolve) => setTimeout(resolve, delayMs))]).then(act);
  };
  from.on("data", (piece) => later(() => to.writable && to.write(piece)));
  from.on("end", () => later(() => to.writable && to.end()));
  from.on("error", () => from.destroy());
}

function pause({ client, upstream }: Link): void {
  client.pause();
  upstream.pause();
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
