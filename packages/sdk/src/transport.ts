import type { ChatError } from "@confab/contract";

export interface TransportHandlers {
  onEvent(name: string, payload: unknown): void;
  /** The server refused the handshake, or could not be reached. */
  onRefused(error: ChatError): void;
  onClosed(reason: string): void;
}

/** One connection attempt and the connection that comes of it; a reconnect opens another. */
export interface Transport {
  emit(name: string, payload: unknown, onAck?: (answer: unknown) => void): void;
  /** Leaves cleanly; no handler is called afterwards. */
  close(): void;
}

export type OpenTransport = (request: {
  url: string;
  auth: { token: string; protocol: number; active: boolean };
  handlers: TransportHandlers;
}) => Transport;
