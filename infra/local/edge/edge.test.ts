import { expect, test } from "vitest";
import { isSticky, orderGateways } from "./gateways.ts";
import { routeOf } from "./route.ts";

test.each([
  ["/socket.io/?EIO=4&transport=websocket", "gateway"],
  ["/v1/me", "message"],
  ["/api/messages?x=1", "message"],
  ["/docs", "message"],
  ["/.well-known/jwks.json", "message"],
  ["/config.json", "config"],
  ["/livez", "livez"],
  ["/", "web"],
  ["/conversations/12", "web"],
  ["/v1x", "web"],
  ["/apidocs", "web"],
])("%s is answered by %s", (url, route) => {
  expect(routeOf(url)).toBe(route);
});

test.each([
  "/internal",
  "/internal/messages",
  "//internal/messages",
  "/%69nternal/messages",
  "/v1/../internal/messages",
  "/v1/%2e%2e/internal/messages",
  "/v1/..%2finternal/messages",
  "/v1//..//internal",
  "/Internal/messages",
  "http://elsewhere/internal/messages",
  "/%zz",
])("%s never leaves the edge", (url) => {
  expect(routeOf(url)).toBe("hidden");
});

test("gateways take turns, and one that is not ready comes last", () => {
  const urls = ["a", "b", "c"];
  const all = new Set(urls);
  expect(orderGateways(urls, all, 0)).toEqual(["a", "b", "c"]);
  expect(orderGateways(urls, all, 4)).toEqual(["b", "c", "a"]);
  expect(orderGateways(urls, new Set(["a", "c"]), 1)).toEqual(["c", "a", "b"]);
  expect(orderGateways(urls, new Set(), 1)).toEqual(["b", "c", "a"]);
});

test("long polling stays with one gateway, a WebSocket goes anywhere", () => {
  const request = (url: string) => ({ url, headers: {} });
  expect(isSticky(request("/socket.io/?EIO=4&transport=websocket"))).toBe(false);
  expect(isSticky(request("/socket.io/?EIO=4&transport=polling"))).toBe(true);
  expect(isSticky(request("/socket.io/?EIO=4&transport=websocket&sid=x"))).toBe(true);
});
