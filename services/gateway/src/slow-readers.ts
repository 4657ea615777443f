/**
 * A client that stops reading but still answers pings would grow this process by what it does not take, without
 * bound (research/reliability.md 2.23). It is cut off; when it comes back, it asks for what it lacks (P4).
 */
import type { WebSocket } from "ws";
import type { GatewayConfig } from "./config.ts";
import type { GatewaySocket } from "./socket.ts";

type Connection = GatewaySocket["conn"];
/** What Engine.IO calls private; an upgrade that changes it fails the test of slow readers. */
interface Internals {
  writeBuffer: { data?: unknown }[];
  /** Without a socket while it polls. */
  transport: { writable: boolean; socket?: WebSocket };
  close(discard: boolean): void;
}
export type SlowReason = "bytes" | "packets" | "stuck";

interface Stuck {
  writeBuffer: unknown;
  /** Looks since the one that found it so. */
  looks: number;
}

/**
 * Looks at a connection every `checkMs`; says why it must go, or undefined. Time counts by looks, not by the clock:
 * a process that stood still has had no chance to write to anybody.
 */
export function createSlowReaderCheck(
  config: GatewayConfig["slow"],
): (connection: Connection) => SlowReason | undefined {
  const stuck = new WeakMap<Connection, Stuck>();
  return (connection) => {
    // What Engine.IO was given goes to ws as a whole as soon as ws has written what it had before.
    const { transport, writeBuffer: waiting } = internals(connection);
    if (transport.writable) {
      stuck.delete(connection);
      return undefined;
    }
    if (waiting.length > config.packets) return "packets";
    const bytes = waiting.reduce(
      (sum, { data }) => sum + sizeOf(data),
      transport.socket?.bufferedAmount ?? 0,
    );
    if (bytes > config.bytes) return "bytes";
    const known = stuck.get(connection);
    // Engine.IO puts a new array in place of the one that it hands on.
    if (!known || known.writeBuffer !== waiting) {
      stuck.set(connection, { writeBuffer: waiting, looks: 0 });
      return undefined;
    }
    known.looks += 1;
    return known.looks * config.checkMs >= config.stuckMs ? "stuck" : undefined;
  };
}

/** At once: an orderly close would wait for the client to read what it does not read. */
export const cutOff = (connection: Connection): void => {
  const { transport } = internals(connection);
  if (transport.socket) transport.socket.terminate();
  else internals(connection).close(true);
};

const internals = (connection: Connection): Internals => connection as unknown as Internals;

const sizeOf = (data: unknown): number =>
  typeof data === "string" || data instanceof Uint8Array ? data.length : 0;
