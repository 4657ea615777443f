import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { ChatError, ERROR_CODES } from "@confab/contract";
import type { HttpServer } from "@confab/runtime";
import { Server as Engine } from "engine.io";
import { Server } from "socket.io";
import type { GatewayConfig } from "./config.ts";
import { isKnown } from "./polling.ts";
import type { Io } from "./socket.ts";

export const PATH = "/socket.io/";

/** The Socket.IO server, not yet reachable: `acceptUpgrades` puts it behind a port. */
export function createIo(config: GatewayConfig["transport"], adapter: Server["_opts"]["adapter"]): Io {
  const transport = {
    transports: config.polling ? (["polling", "websocket"] as const).slice() : ["websocket" as const],
    allowUpgrades: config.polling,
    maxHttpBufferSize: config.frameBytes,
    // Compressing small frames costs far more memory than it saves (research/performance.md 2.2).
    perMessageDeflate: false,
    pingInterval: config.pingIntervalMs,
    pingTimeout: config.pingTimeoutMs,
  };
  const io: Io = new Server({
    ...transport,
    adapter,
    serveClient: false,
    connectTimeout: config.connectTimeoutMs,
  });
  const engine = new Engine(transport);
  // The request, with its headers and socket, would be kept as long as the connection (performance.md 2.1).
  engine.on("connection", (connection: { request: IncomingMessage | null }) => {
    connection.request = null;
  });
  writeTogether(engine);
  io.bind(engine);
  return io;
}

/** What Engine.IO and ws call private; an upgrade that changes it fails the test of joint writes. */
interface Connection {
  transport: { socket?: { _socket: Socket | null } };
}

/**
 * Packets that were waiting for a socket leave with one system call. A write costs more than anything else that a
 * delivery does here, and in a busy group they come by the dozen.
 */
function writeTogether(engine: Engine): void {
  const socketOf = ({ transport }: Connection) => transport.socket?._socket;
  engine.on("flush", (connection: Connection, packets: unknown[]) => {
    if (packets.length > 1) socketOf(connection)?.cork();
  });
  engine.on("drain", (connection: Connection) => {
    const socket = socketOf(connection);
    if (socket && socket.writableCorked > 0) socket.uncork();
  });
}

export const connectionCount = (io: Io): number => io.engine.clientsCount;

/**
 * Lets WebSocket upgrades of `app`'s server in that `admit` has nothing against. Engine.IO could ask it too,
 * but would answer every refusal with 400; here clients and proxies see the status and `Retry-After`.
 */
export function acceptUpgrades(
  app: HttpServer,
  io: Io,
  admit: (request: IncomingMessage) => Promise<void>,
  onRefused: (reason: string) => void,
): void {
  const engine = io.engine as unknown as Engine;
  app.server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", destroy);
    const admitted = request.url?.startsWith(PATH)
      ? isKnown(engine, request)
        ? Promise.resolve()
        : admit(request)
      : Promise.reject(new ChatError("not_found", { reason: "no_such_route" }));
    admitted.then(
      () => engine.handleUpgrade(request as Parameters<Engine["handleUpgrade"]>[0], socket, head),
      (error: unknown) => {
        const refusal = error instanceof ChatError ? error : new ChatError("internal", { cause: error });
        onRefused(refusal.code);
        refuseUpgrade(socket, refusal);
      },
    );
  });
}

/** For the length of a connection, so it must close over nothing: not over the request, with its headers. */
function destroy(this: Duplex): void {
  this.destroy();
}

function refuseUpgrade(socket: Duplex, refusal: ChatError): void {
  const { status, message } = ERROR_CODES[refusal.code];
  const body = JSON.stringify({
    type: `urn:confab:error:${refusal.code}`,
    title: message,
    status,
    ...refusal.toWire(),
  });
  const retryAfter =
    refusal.retryAfterMs === undefined ? [] : [`Retry-After: ${Math.ceil(refusal.retryAfterMs / 1000)}`];
  const head = [
    `HTTP/1.1 ${status} ${refusal.code}`,
    "Connection: close",
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...retryAfter,
  ];
  // Waiting for the other end to close, too, would let it hold our half for ever.
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
