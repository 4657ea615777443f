import { randomUUID } from "node:crypto";
import { type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";

/** Error codes of the contract that the edge itself has a use for. */
const CODES: Record<number, string> = {
  404: "not_found",

  503: "unavailable",
};

function problem(status: number, reason: string) {
  const code = CODES[status] ?? "internal";
  const title = STATUS_CODES[status];
  return JSON.stringify({ type: "about:blank", title, status, code, reason, requestId: randomUUID() });
}

/** Answers as RFC 9457 asks, in the shape that every Confab error has. */
export function replyProblem(response: ServerResponse, status: number, reason: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "application/problem+json", "cache-control": "no-store" });
  response.end(problem(status, reason));
}

export function replyJson(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

/** Refuses an upgrade: there is no response object yet, only the socket. */
export function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
  const body = problem(status, reason);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    "content-type: application/problem+json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
