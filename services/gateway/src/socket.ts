import type { ClientToServerEvents, ConversationId, ServerToClientEvents, UserId } from "@confab/contract";
import type { OpenedSession, SERVER_EVENTS } from "@confab/contract/internal";
import type { Server, Socket } from "socket.io";
import type { DialectClient } from "./dialects/client.ts";

/** From gateway to gateway, or from the message service to all of them. */
interface ServerEvents {
  [SERVER_EVENTS.sessionRevoked]: (session: unknown) => void;
  [SERVER_EVENTS.blocksChanged]: (change: unknown) => void;
  [SERVER_EVENTS.standingChanged]: (change: unknown) => void;
}

/** All that a gateway keeps of a connection; there are tens of thousands, so each field is paid for. */
export interface SocketData {
  /** Empty until the socket has signed in. */
  userId: UserId;
  sessionId: string | undefined;
  displayName: string;
  /** What the message service said when the socket signed in; dropped once `ready` has been sent. */
  opened: OpenedSession | undefined;
  expiresAtMs: number;
  /** The expiry that the client has been told of. */
  announcedMs: number;
  /** Unknown until the client or the presence service says so. */
  active: boolean | undefined;
  /** The conversation on screen. */
  onScreen: ConversationId | null;
  /** Commands that have not been answered. */
  inFlight: number;
  /** The process stops: nothing new is begun for this socket. */
  leaving: boolean;
  /** The client speaks a dialect rather than Confab's own words. */
  guest: DialectClient | undefined;
  strikes: { count: number; sinceMs: number };
  /** Settles when all commands so far have passed their limits: they go on in the order of arrival. */
  admitted: Promise<unknown>;
}

export type Io = Server<ClientToServerEvents, ServerToClientEvents, ServerEvents, SocketData>;
export type GatewaySocket = Socket<ClientToServerEvents, ServerToClientEvents, ServerEvents, SocketData>;

/** Sockets of this process in a room. */
export function socketsInRoom(io: Io, room: string): GatewaySocket[] {
  const { adapter, sockets } = io.of("/");
  const found: GatewaySocket[] = [];
  for (const id of adapter.rooms.get(room) ?? []) {
    const socket = sockets.get(id);
    if (socket) found.push(socket);
  }
  return found;
}

/** Sockets of this process. */
export const localSockets = (io: Io): Map<string, GatewaySocket> => io.of("/").sockets;

/** Those of them that belong to somebody: who speaks a dialect may connect first and sign in then. */
export function* signedInSockets(io: Io): Generator<GatewaySocket> {
  for (const socket of localSockets(io).values()) if (socket.data.userId !== "") yield socket;
}
