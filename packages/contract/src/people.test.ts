import { describe, expect, it } from "vitest";
import type { CustomStatus } from "./entities.ts";
import { SetStatus, statusAt } from "./people.ts";

const [AT, LATER] = ["2026-01-02T10:00:00.000Z", "2026-01-02T11:00:00.000Z"];
const now = Date.parse(AT);
const status = (part: Partial<CustomStatus>): CustomStatus => ({
  text: null,
  emoji: null,
  expiresAt: null,
  dndUntil: null,
  ...part,
});

describe("statusAt", () => {
  it.each<[string, Partial<CustomStatus>, Partial<CustomStatus> | null]>([
    ["without an end stays", { text: "in a call" }, { text: "in a call" }],
    ["stays until its end", { emoji: "🎧", expiresAt: LATER }, { emoji: "🎧", expiresAt: LATER }],
    ["ends at its very moment", { text: "lunch", emoji: "🍜", expiresAt: AT }, null],
    [
      "ends apart from do-not-disturb",
      { text: "lunch", expiresAt: AT, dndUntil: LATER },
      { dndUntil: LATER },
    ],
    ["outlives do-not-disturb", { text: "at work", dndUntil: AT }, { text: "at work" }],
    ["of do-not-disturb alone ends", { dndUntil: AT }, null],
    ["of nothing is none", {}, null],
  ])("%s", (_what, before, after) => {
    expect(statusAt(status(before), now)).toEqual(after && status(after));
  });

  it("is none where there was none", () => expect(statusAt(null, now)).toBeNull());
});

describe("SetStatus", () => {
  it.each([
    { text: "x".repeat(101) },
    { text: "\ud800" },
    { emoji: "two words" },
    { emoji: "\ud83d" },
    { emoji: "" },
    { dndUntil: "tomorrow" },
    { expiresAt: "9999-12-31T23:59:59-01:00" },
    { mood: "good" },
  ])("refuses %j", (input) => expect(SetStatus.safeParse(input).success).toBe(false));

  it("takes any zone and nulls", () => {
    const input = { text: " hi ", emoji: null, expiresAt: "2026-01-02T10:00:00+02:00" };
    expect(SetStatus.parse(input)).toEqual({ ...input, text: "hi" });
  });
});
