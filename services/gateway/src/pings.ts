/**
 * Engine.IO's pings by one timer for all connections. With a timer for each, every ping and every pong wakes an idle
 * gateway by itself, which costs more than the ping: here those whose turn it is are pinged together, and what they
 * answer is read together.
 */
import type { Server as Engine } from "engine.io";

const TURNS = 100;
/** `WebSocket.OPEN`. */
const OPEN = 1;
/** "2" in a WebSocket frame: what every ping is. */
const PING_FRAME = Buffer.from([0x81, 0x01, 0x32]);

/** What Engine.IO and ws call private; an upgrade that changes it fails the tests of pings. */
interface Connection {
  readyState: string;
  /** Told (`refresh`) of every pong, and cleared in the end. */
  pingIntervalTimer: unknown;
  /** Null once a pong came. */
  pingTimeoutTimer: unknown;
  /** Since the ping, something else came. */
  hasRefreshedPingTimeout: boolean;
  transport: { socket?: { readyState: number; _sender: { sendFrame(frame: Buffer[]): void } } };
  sendPacket(type: "ping"): void;
  onClose(reason: "ping timeout"): void;
  listenerCount(event: "packetCreate"): number;
  once(event: "close", listener: (this: Connection) => void): void;
}

/** Stands where Engine.IO has a timer of the connection. */
class NoTimer {
  refresh(): void {}
}
const AWAITED = new NoTimer();

/** Connections that are pinged at the same time. */
class Turn extends NoTimer {
  readonly members = new Set<Connection>();
}

export class Pings {
  /** How often `tick` is due. */
  readonly tickMs: number;
  readonly #turns: Turn[];
  readonly #timeoutTicks: number;
  #tick = 0;

  /** Takes the pings of `engine` over. A pong that is not there by the next ping is too late in any case. */
  constructor(engine: Engine, config: { pingIntervalMs: number; pingTimeoutMs: number }) {
    this.tickMs = Math.max(1, Math.round(config.pingIntervalMs / TURNS));
    this.#turns = Array.from({ length: Math.ceil(config.pingIntervalMs / this.tickMs) }, () => new Turn());
    this.#timeoutTicks = Math.min(Math.ceil(config.pingTimeoutMs / this.tickMs), this.#turns.length);
    engine.on("connection", (connection: Connection) => this.#add(connection));
  }

  /** Pings those whose turn it is, and closes those who have not answered in time. */
  tick(): void {
    this.#tick += 1;
    // As with Engine.IO, a pong may be stuck behind something large that is arriving, once.
    for (const connection of this.#turn(this.#timeoutTicks).members) {
      if (isAwaited(connection) && !connection.hasRefreshedPingTimeout) connection.onClose("ping timeout");
    }
    for (const connection of this.#turn(0).members) {
      if (isAwaited(connection)) connection.onClose("ping timeout");
      else if (connection.readyState === "open") ping(connection);
    }
  }

  #turn(ticksAgo: number): Turn {
    const { length } = this.#turns;
    return this.#turns[(this.#tick - ticksAgo + length) % length] as Turn;
  }

  #add(connection: Connection): void {
    clearTimeout(connection.pingIntervalTimer as NodeJS.Timeout);
    const turn = this.#turn(0);
    connection.pingIntervalTimer = turn;
    turn.members.add(connection);
    connection.once("close", leave);
  }
}

const isAwaited = ({ pingTimeoutTimer }: Connection): boolean => pingTimeoutTimer === AWAITED;

/** For the length of a connection, so it closes over nothing. */
function leave(this: Connection): void {
  (this.pingIntervalTimer as Turn).members.delete(this);
}

function ping(connection: Connection): void {
  const { socket } = connection.transport;
  // Who listens to packets, as dialects do, must see this one, too; and a client that polls has no frames.
  const isHeard = connection.listenerCount("packetCreate") > 0;
  if (isHeard || socket?.readyState !== OPEN) connection.sendPacket("ping");
  else socket._sender.sendFrame([PING_FRAME]);
  connection.hasRefreshedPingTimeout = false;
  connection.pingTimeoutTimer = AWAITED;
}
