import { describe, expect, it } from "vitest";
import { peopleIn, systemText } from "./system-text.ts";

const nameOf = (id: string): string => ({ "1": "You", "2": "Bob", "3": "Cy" })[id] ?? "Someone";
const text = (senderId: string, metadata: Record<string, unknown> | null): string =>
  systemText({ senderId, metadata, body: "Their sentence." }, nameOf);

describe("system text", () => {
  it("says who did what", () => {
    expect(text("2", { event: "conversation_created", title: "Trip" })).toBe("Bob created the group “Trip”");
    expect(text("1", { event: "title_changed", title: "Trip" })).toBe("You renamed the group to “Trip”");
    expect(text("2", { event: "members_added", userIds: ["1", "3"] })).toBe("Bob added you and Cy");
    expect(text("3", { event: "members_added", userIds: ["3"] })).toBe("Cy joined");
    expect(text("2", { event: "member_removed", userId: "9" })).toBe("Bob removed Someone");
    expect(text("2", { event: "member_left", userId: "2" })).toBe("Bob left");
  });

  it("says what the rules are now", () => {
    expect(text("2", { event: "member_banned", userId: "3" })).toBe("Bob banned Cy");
    expect(text("2", { event: "role_changed", userId: "1", role: "moderator" })).toBe(
      "Bob made you a moderator",
    );
    expect(text("1", { event: "settings_changed", announcement: true })).toBe(
      "You let only admins and moderators write",
    );
    expect(text("2", { event: "settings_changed", announcement: false, slowModeSeconds: 0 })).toBe(
      "Bob let everybody write and turned slow mode off",
    );
    expect(text("2", { event: "settings_changed", slowModeSeconds: 30 })).toBe("Bob set slow mode to 30 s");
  });

  it("falls back on the server's sentence", () => {
    expect(text("2", { event: "moon_landing" })).toBe("Their sentence.");
    expect(text("2", null)).toBe("Their sentence.");
  });

  it("knows whom it speaks of", () => {
    expect(peopleIn({ senderId: "2", metadata: { userIds: ["3", "2"] } })).toEqual(["2", "3"]);
    expect(peopleIn({ senderId: "2", metadata: null })).toEqual(["2"]);
  });
});
