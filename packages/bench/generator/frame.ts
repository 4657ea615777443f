/**
 * Engine.IO 4 and Socket.IO 5 by hand, as text over one WebSocket: what a client library does beyond that would be
 * paid for by the machine under test. frame.test.ts holds it against the real Socket.IO.
 */

export const SOCKET_PATH = "/socket.io/?EIO=4&transport=websocket";
export const PONG = "3";
/** The client says goodbye: nobody waits for it to come back. */
export const LEAVE = "41";

export const connectFrame = (auth: object): string => `40${JSON.stringify(auth)}`;

/** `json` is the payload as JSON. With an id the server acknowledges. */
export const eventFrame = (name: string, json: string, ackId?: number): string =>
  `42${ackId ?? ""}["${name}",${json}]`;

export type Frame =
  | { kind: "open" | "ping" | "connected" | "closed" | "other" }
  /** The handshake was refused; `json` is the error. */
  | { kind: "refused"; json: string }
  | { kind: "event"; name: string; json: string }
  /** `json` is the first argument of the answer. */
  | { kind: "ack"; id: number; json: string };

const OPEN: Frame = { kind: "open" };
const PING: Frame = { kind: "ping" };
const CONNECTED: Frame = { kind: "connected" };
const CLOSED: Frame = { kind: "closed" };
const OTHER: Frame = { kind: "other" };

export function readFrame(text: string): Frame {
  switch (text[0]) {
    case "4":
      return readPacket(text);
    case "2":
      return PING;
    case "0":
      return OPEN;
    case "1":
      return CLOSED;
    default:
      return OTHER;
  }
}

function readPacket(text: string): Frame {
  switch (text[1]) {
    case "2": {
      const start = text.indexOf("[") + 2;
      const end = text.indexOf('"', start);
      return { kind: "event", name: text.slice(start, end), json: text.slice(end + 2, -1) };
    }
    case "3": {
      const start = text.indexOf("[");
      return { kind: "ack", id: Number(text.slice(2, start)), json: text.slice(start + 1, -1) };
    }
    case "0":
      return CONNECTED;
    case "1":
      return CLOSED;
    case "4":
      return { kind: "refused", json: text.slice(2) };
    default:
      return OTHER;
  }
}

/** The first number of that name; NaN without one. For frames whose texts are ours, so that no text looks like a field. */
export function numberField(json: string, name: string): number {
  const key = `"${name}":`;
  const at = json.indexOf(key);
  return at < 0 ? Number.NaN : Number.parseInt(json.slice(at + key.length, at + key.length + 16), 10);
}

/** The first text of that name, as it is between its quotes; empty without one. */
export function textField(json: string, name: string): string {
  const key = `"${name}":"`;
  const at = json.indexOf(key);
  if (at < 0) return "";
  const start = at + key.length;
  return json.slice(start, json.indexOf('"', start));
}
