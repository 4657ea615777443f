import { existsSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import sirv from "sirv";
import { replyProblem } from "./reply.ts";

/** Nothing from elsewhere, no inline script, no framing. Styles stay inline because React sets them on elements. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "connect-src 'self' ws: wss:",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export const SECURITY_HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves the built web client; every path without a file is a view of it. */
export function serveWeb(dir: string): Handler {
  if (!existsSync(join(dir, "index.html"))) {
    return (_request, response) => replyProblem(response, 404, "web_client_not_built");
  }
  const serve = sirv(dir, {
    single: true,
    etag: true,
    setHeaders(response, pathname) {
      for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
      // Only what the build names by its content may be kept; the page itself must be asked for again.
      const isHashed = pathname.startsWith("/assets/");
      response.setHeader("cache-control", isHashed ? "public, max-age=31536000, immutable" : "no-cache");
    },
  });
  return (request, response) => serve(request, response, () => replyProblem(response, 404, "no_such_page"));
}
