import type { ChatError } from "@confab/contract";
import { io } from "socket.io-client";
import { asChatError, errorFromWire } from "./runtime.ts";

const OPEN_DEADLINE_MS = 10_000;

export interface TransportHandlers {
  onEvent(name: string, payload: unknown): void;
  /** The server refused the handshake, or could not be reached. */
  onRefused(error: ChatError): void;
  onClosed(reason: string): void;
}

/** One connection attempt and the connection that comes of it; a reconnect opens another. */
export interface Transport {
  emit(name: string, payload: unknown, onAck?: (answer: unknown) => void): void;
  /** Leaves cleanly; no handler is called afterwards. Resolves once the socket is closed. */
  close(): Promise<void>;
}

export type OpenTransport = (request: {
  url: string;
  auth: { token: string; protocol: number; active: boolean };
  handlers: TransportHandlers;
}) => Transport;

export const openSocketIo: OpenTransport = ({ url, auth, handlers }) => {
  // The client's own loop reconnects: each attempt has its own token, and no state outlives a connection.
  const socket = io(url, {
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    timeout: OPEN_DEADLINE_MS,
    auth,
  });
  socket.onAny((name: string, payload: unknown) => handlers.onEvent(name, payload));
  socket.on("connect_error", (error: Error & { data?: { code?: string } }) =>
    handlers.onRefused(
      error.data?.code === undefined ? asChatError(error) : errorFromWire(error.data as object),
    ),
  );
  socket.on("disconnect", (reason) => handlers.onClosed(reason));
  return {
    emit(name, payload, onAck) {
      // Not `volatile`: that drops whatever shares a tick with another frame, and nothing is queued here offline.
      if (onAck === undefined) socket.emit(name, payload);
      else socket.emit(name, payload, onAck);
    },
    close() {
      socket.offAny();
      socket.off();
      const { engine } = socket.io;
      const closed =
        engine === undefined || engine.readyState === "closed"
          ? Promise.resolve()
          : new Promise<void>((resolve) => engine.once("close", () => resolve()));
      socket.disconnect();
      return closed;
    },
  };
};
