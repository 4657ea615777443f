import { describe, expect, it, vi } from "vitest";
import { clockTime, countdown, dayLabel, daysAgo, lastSeen, listTime } from "./time.ts";

const now = new Date(2026, 10, 20, 15, 30);
const ago = (days: number, hours = 10): Date => new Date(2026, 10, 20 - days, hours, 5);

describe("time", () => {
  it("counts calendar days, not spans of 24 hours", () => {
    expect(daysAgo(new Date(2026, 10, 19, 23, 59), new Date(2026, 10, 20, 0, 1))).toBe(1);
    expect(daysAgo(new Date(2026, 10, 20, 0, 1), now)).toBe(0);
  });

  it("counts days across a change of the clocks", () => {
    vi.stubEnv("TZ", "Europe/Amsterdam");
    expect(daysAgo(new Date(2026, 2, 28, 12), new Date(2026, 2, 30, 12))).toBe(2);
    expect(daysAgo(new Date(2026, 9, 24, 12), new Date(2026, 9, 26, 12))).toBe(2);
    vi.unstubAllEnvs();
  });

  it("shortens with distance in the list", () => {
    expect(listTime(ago(0), now, "en-GB")).toBe("10:05");
    expect(listTime(ago(1), now, "en-GB")).toBe("Yesterday");
    expect(listTime(ago(3), now, "en-GB")).toBe("Tue");
    expect(listTime(ago(10), now, "en-GB")).toBe("10 Nov");
    expect(listTime(new Date(2025, 0, 2), now, "en-GB")).toBe("02/01/2025");
  });

  it("shows a clock that runs ahead as today", () => {
    expect(listTime(new Date(2026, 10, 21, 0, 5), now, "en-GB")).toMatch(/^0?0:05$/);
    expect(dayLabel(new Date(2026, 10, 21, 0, 5), now, "en-GB")).toBe("Today");
  });

  it("labels days", () => {
    expect(dayLabel(ago(1), now, "en-GB")).toBe("Yesterday");
    expect(dayLabel(ago(3), now, "en-GB")).toBe("Tuesday");
    // Releases of ICU differ on the comma.
    expect(dayLabel(ago(10), now, "en-GB")).toMatch(/^Tuesday,? 10 November$/);
    expect(dayLabel(new Date(2025, 0, 2), now, "en-GB")).toMatch(/^Thursday,? 2 January 2025$/);
  });

  it("tells when somebody was last here", () => {
    const before = (minutes: number): Date => new Date(now.getTime() - minutes * 60_000);
    expect(lastSeen(before(0), now)).toBe("Last seen just now");
    expect(lastSeen(before(12), now)).toBe("Last seen 12 min ago");
    expect(lastSeen(ago(0), now, "en-GB")).toBe("Last seen today at 10:05");
    expect(lastSeen(ago(1), now, "en-GB")).toBe("Last seen yesterday at 10:05");
    expect(lastSeen(ago(10), now, "en-GB")).toBe("Last seen 10 Nov");
  });

  it("formats clocks and countdowns", () => {
    expect(clockTime(ago(0), "en-GB")).toBe("10:05");
    expect([countdown(-5), countdown(2_100), countdown(150_000)]).toEqual(["0 s", "3 s", "3 min"]);
  });
});
