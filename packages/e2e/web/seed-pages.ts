import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";

const PAGES = join(import.meta.dirname, "seeds");
const TYPES: Record<string, string> = { ".html": "text/html", ".js": "text/javascript" };
/** The client library as its package ships it for pages. */
const LIBRARY = join(
  createRequire(import.meta.url).resolve("socket.io-client/package.json"),
  "../dist/socket.io.js",
);

/** The old front ends, from an address of their own as they had one. */
export async function servePages(cleanup: AsyncDisposableStack): Promise<string> {
  const server = createServer(async (request, response) => {
    const name = new URL(request.url ?? "/", "http://pages").pathname.slice(1);
    const path = name === "socket.io.js" ? LIBRARY : /^[\w.]+$/.test(name) ? join(PAGES, name) : "";
    const content = await readFile(path).catch(() => undefined);
    response.writeHead(content ? 200 : 404, { "content-type": TYPES[extname(name)] ?? "text/plain" });
    response.end(content);
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  cleanup.defer(() => void server.close());
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}
