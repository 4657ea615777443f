import { describe, expect, it } from "vitest";
import { conversationPath, parseRoute } from "./router.ts";

describe("router", () => {
  it("reads the conversation from the address, and writes it", () => {
    expect(parseRoute("/")).toEqual({ conversationId: null });
    expect(parseRoute("/c/42")).toEqual({ conversationId: "42" });
    expect(parseRoute("/c/42/")).toEqual({ conversationId: "42" });
    expect(parseRoute("/c/42/more")).toEqual({ conversationId: null });
    expect(parseRoute(conversationPath("a/b"))).toEqual({ conversationId: "a/b" });
  });

  it("survives an address that cannot be decoded", () => {
    expect(parseRoute("/c/%E0%A4%A")).toEqual({ conversationId: null });
  });
});
