/** Where Socket.IO is made to say to a socket only what its dialect has a word for. */
import type { Emission } from "@confab/contract/internal";
import type { GatewaySocket } from "../socket.ts";

/** An emission with its wire form, which all sockets that get it share. */
export interface Frame extends Emission {
  encoded?: unknown[];
}
export type Write = (frame: Frame) => void;

/** PacketType.EVENT of socket.io-parser. */
const EVENT = 2;

interface Packet {
  type: number;
  nsp: string;
  data: [event: string, payload: unknown];
}
/** What Socket.IO calls private; an upgrade that changes it fails the transcripts. */
interface Transport {
  encoder: { encode(packet: Packet): unknown[] };
  writeToEngine(encoded: unknown[], options: object): void;
  _packet(packet: unknown, options?: object): void;
}
interface Internals {
  client: Transport;
  emit(event: string, payload: unknown): boolean;
  notifyOutgoingListeners(packet: Packet): void;
}

/**
 * From now on `hear` gets whatever the socket is sent, as itself or as a member of a room, and nothing of it leaves.
 * Acks and Socket.IO's own packets are not touched. A broadcast comes with the same `payload` object to every socket.
 */
export function intercept(socket: GatewaySocket, hear: (event: string, payload: unknown) => void): Write {
  const internals = socket as unknown as Internals;
  const { client } = internals;
  const packet = (...args: Parameters<Transport["_packet"]>) => client._packet(...args);
  // Broadcasts are written past the socket, straight to its client.
  internals.client = Object.assign(Object.create(client) as Transport, {
    writeToEngine: () => undefined,
    _packet: packet,
  });
  internals.notifyOutgoingListeners = ({ data: [event, payload] }) => hear(event, payload);
  internals.emit = (event, payload) => {
    hear(event, payload);
    return true;
  };
  return (frame) => {
    frame.encoded ??= client.encoder.encode({
      type: EVENT,
      nsp: "/",
      data: [frame.event, frame.payload],
    });
    client.writeToEngine(frame.encoded, { preEncoded: true });
  };
}
