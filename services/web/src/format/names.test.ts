import { describe, expect, it } from "vitest";
import { badgeCount, hueOf, initials, listNames, pageTitle } from "./names.ts";

describe("names", () => {
  it("takes initials by grapheme", () => {
    expect(initials("Alice Example")).toBe("AE");
    expect(initials("  bob ")).toBe("B");
    expect(initials("Ann B. van Dyk")).toBe("AD");
    expect(initials("Launch crew 🚀")).toBe("LC");
    expect(initials("👩‍🚀 🎉")).toBe("👩‍🚀");
    expect(initials(" ")).toBe("?");
  });

  it("gives an id the same colour for ever", () => {
    expect(hueOf("alice")).toBe(hueOf("alice"));
    expect(new Set(["1", "2", "3", "4", "5", "6"].map(hueOf)).size).toBeGreaterThan(3);
    for (const id of ["x", "user:1", "日本"]) expect(hueOf(id) % 30).toBe(0);
  });

  it("lists people", () => {
    expect(listNames([])).toBe("");
    expect(listNames(["Ann"])).toBe("Ann");
    expect(listNames(["Ann", "Bob"])).toBe("Ann and Bob");
    expect(listNames(["Ann", "Bob", "Cy"])).toBe("Ann, Bob and 1 other");
    expect(listNames(["Ann", "Bob", "Cy", "Di"], 3)).toBe("Ann, Bob, Cy and 1 other");
  });

  it("caps the badge and titles the page", () => {
    expect([badgeCount(1), badgeCount(99), badgeCount(100)]).toEqual(["1", "99", "99+"]);
    expect(pageTitle(0)).toBe("Confab");
    expect(pageTitle(3, "Bob")).toBe("(3) Bob · Confab");
    expect(pageTitle(250)).toBe("(99+) Confab");
  });
});
