import { describe, expect, it } from "vitest";
import { statusText } from "./status-text.ts";

const now = new Date("2026-11-20T10:00:00.000Z");
const later = "2026-11-20T11:00:00.000Z";
const earlier = "2026-11-20T09:00:00.000Z";

describe("what somebody says of themselves", () => {
  it("is emoji and words, until they end", () => {
    expect(statusText({ emoji: "🎧", text: "In a call", expiresAt: later, dndUntil: null }, now)).toBe(
      "🎧 In a call",
    );
    expect(statusText({ emoji: null, text: "Away", expiresAt: null, dndUntil: null }, now)).toBe("Away");
    expect(statusText({ emoji: "🎧", text: "In a call", expiresAt: earlier, dndUntil: null }, now)).toBe("");
    expect(statusText(null, now)).toBe("");
  });

  it("tells that they are not to be disturbed", () => {
    expect(statusText({ emoji: null, text: "Busy", expiresAt: null, dndUntil: later }, now)).toBe(
      "Busy · Do not disturb",
    );
    expect(statusText({ emoji: null, text: null, expiresAt: null, dndUntil: earlier }, now)).toBe("");
  });
});
