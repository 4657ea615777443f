export type Route = "gateway" | "message" | "config" | "livez" | "hidden" | "web";

const MESSAGE_PREFIXES = ["/v1", "/api", "/docs", "/.well-known"];

const isUnder = (path: string, prefix: string) => path === prefix || path.startsWith(`${prefix}/`);

/**
 * Who answers a path. Internal routes are for services only, so they are hidden however the path is written:
 * a service behind us would decode and collapse what we compared raw.
 */
export function routeOf(rawUrl: string): Route {
  const path = normalisePath(rawUrl);
  if (path === undefined || isUnder(path.toLowerCase(), "/internal")) return "hidden";
  if (isUnder(path, "/socket.io")) return "gateway";
  if (MESSAGE_PREFIXES.some((prefix) => isUnder(path, prefix))) return "message";
  if (path === "/config.json") return "config";
  if (path === "/livez") return "livez";
  return "web";
}

const collapse = (path: string) => path.replace(/\/+/g, "/");
/** HTTP/1.1 allows a request to name a whole URL; only its path concerns us. */
const withoutOrigin = (url: string) => url.replace(/^[a-z]+:\/\/[^/]*/i, "");

function normalisePath(rawUrl: string): string | undefined {
  try {
    const { pathname } = new URL(collapse(withoutOrigin(rawUrl)), "http://edge");
    return new URL(collapse(decodeURIComponent(pathname)), "http://edge").pathname;
  } catch {
    return undefined;
  }
}
