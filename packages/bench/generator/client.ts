import { WebSocket } from "ws";
import { connectFrame, eventFrame, LEAVE, PONG, readFrame, SOCKET_PATH } from "./frame.ts";

export interface Person {
  /** Among all people of this run. */
  index: number;
  userId: string;
  /** `ws://host:port` of the gateway they connect to. */
  url: string;
  token: string;
}

export interface ClientEvents {
  onEvent(client: Client, name: string, json: string): void;
  /** The answer to `send`; those to `request` are not reported. */
  onAck(client: Client, id: number, json: string): void;
  /** The connection ended, and not because we asked for it. */
  onLost(client: Client, why: string): void;
}

/** The server told us to come back later, or not at all. */
export class Refused extends Error {
  readonly retryAfterMs: number | undefined;
  constructor(message: string, retryAfterMs?: number) {
    super(message);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Ids of requests are beyond those of sends, which are the numbers of their messages. */
const FIRST_REQUEST_ID = 2 ** 32;
/** The same bytes for every frame: as much work for the server as random ones, and less for us. */
const MASK = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);
const SOCKET_OPTIONS = {
  perMessageDeflate: false,
  skipUTF8Validation: true,
  generateMask: (mask: Buffer) => void MASK.copy(mask),
} as const;

/** One device on a bare WebSocket. */
export class Client {
  readonly person: Person;
  readonly #events: ClientEvents;
  readonly #requests = new Map<number, (json: string) => void>();
  #socket: WebSocket | undefined;
  #nextRequest = FIRST_REQUEST_ID;
  #leaving = false;

  constructor(person: Person, events: ClientEvents) {
    this.person = person;
    this.#events = events;
  }

  /** Resolves with the payload of `ready`. @throws Refused */
  connect(): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = new WebSocket(this.person.url + SOCKET_PATH, SOCKET_OPTIONS);
    let ready = false;
    this.#leaving = false;
    this.#socket = socket;
    socket.on("message", (data: Buffer) => {
      const frame = readFrame(data.toString("latin1"));
      switch (frame.kind) {
        case "event":
          if (!ready && frame.name === "ready") {
            ready = true;
            resolve(frame.json);
          } else this.#events.onEvent(this, frame.name, frame.json);
          break;
        case "ack":
          this.#answer(frame.id, frame.json);
          break;
        case "ping":
          socket.send(PONG);
          break;
        case "open":
          socket.send(connectFrame({ token: this.person.token, protocol: 1, active: true }));
          break;
        case "refused":
          reject(new Refused(frame.json, retryAfter(frame.json)));
          socket.terminate();
          break;
      }
    });
    socket.on("unexpected-response", (_request, response) => {
      const seconds = Number(response.headers["retry-after"]);
      reject(new Refused(`status ${response.statusCode}`, seconds ? seconds * 1000 : undefined));
      socket.terminate();
    });
    socket.on("error", (error) => reject(new Refused(error.message)));
    socket.on("close", (code) => {
      reject(new Refused(`closed ${code}`));
      if (ready && !this.#leaving) this.#events.onLost(this, `closed ${code}`);
    });
    return promise;
  }

  /** `id` must be below 2^32; the answer goes to `onAck`. */
  send(name: string, json: string, id: number): void {
    this.#socket?.send(eventFrame(name, json, id));
  }

  /** Resolves with the answer; never, if the connection ends before. */
  request(name: string, json: string): Promise<string> {
    const id = this.#nextRequest++;
    const { promise, resolve } = Promise.withResolvers<string>();
    this.#requests.set(id, resolve);
    this.#socket?.send(eventFrame(name, json, id));
    return promise;
  }

  /** As when the network is cut: no goodbye. */
  drop(): void {
    this.#leaving = true;
    this.#requests.clear();
    this.#socket?.terminate();
  }

  leave(): void {
    this.#leaving = true;
    this.#socket?.send(LEAVE);
    this.#socket?.close();
  }

  #answer(id: number, json: string): void {
    if (id < FIRST_REQUEST_ID) {
      this.#events.onAck(this, id, json);
      return;
    }
    const resolve = this.#requests.get(id);
    this.#requests.delete(id);
    resolve?.(json);
  }
}

function retryAfter(json: string): number | undefined {
  const { data } = JSON.parse(json) as { data?: { retryAfterMs?: number } };
  return data?.retryAfterMs;
}
