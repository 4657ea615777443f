import { ChatError } from "@confab/sdk";
import { describe, expect, it } from "vitest";
import { errorText, signInErrorText } from "./error-text.ts";

describe("error text", () => {
  it("tells how long to wait", () => {
    expect(errorText(new ChatError("rate_limited", { retryAfterMs: 1200 }))).toContain("2 s");
    expect(errorText(new ChatError("rate_limited"))).toContain("soon");
  });

  it("names the remedy where there is one", () => {
    expect(errorText(new ChatError("conflict", { reason: "too_many_pins" }))).toContain("Unpin");
    expect(errorText(new ChatError("forbidden", { reason: "role" }))).toContain("not allowed");
  });

  it("says nothing of the inside of an unknown failure", () => {
    expect(errorText(new Error("connect ECONNREFUSED 10.0.0.1"))).not.toContain("10.0.0.1");
    expect(errorText(new ChatError("internal", { message: "SELECT" }))).not.toContain("SELECT");
  });

  it("does not tell whether a username exists", () => {
    expect(signInErrorText(new ChatError("unauthenticated"), false)).toBe(
      signInErrorText(new ChatError("invalid"), false),
    );
    expect(signInErrorText(new ChatError("conflict"), true)).toContain("taken");
  });
});
