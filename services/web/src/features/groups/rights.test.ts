import type { Role } from "@confab/contract";
import type { Conversation, Member } from "@confab/sdk";
import { describe, expect, it } from "vitest";
import { heirs, mayRemove, maySend, pauseFor, roleOf } from "./rights.ts";

const member = (userId: string, role: Role): Member => ({
  userId,
  role,
  joinedSeq: 0,
  deliveredSeq: 0,
  readSeq: 0,
  user: { id: userId, username: userId, displayName: userId, avatarUrl: null, kind: "human" },
});
const group = (members: Member[], announcement = false): Conversation => ({
  id: "1",
  kind: "group",
  title: "Team",
  avatarUrl: null,
  encrypted: false,
  settings: { history: "all", announcement, slowModeSeconds: 0 },
  createdAt: "2026-11-20T10:00:00.000Z",
  lastMessageAt: null,
  lastSeq: 0,
  revision: 1,
  memberCount: members.length,
  members,
});

describe("what is offered to whom", () => {
  it("asks the last admin who comes next, and nobody else", () => {
    const names = (members: Member[], userId: string) =>
      heirs(group(members), userId).map((each) => each.userId);
    expect(names([member("ann", "admin"), member("bob", "member")], "ann")).toEqual(["bob"]);
    expect(names([member("ann", "admin"), member("bob", "admin")], "ann")).toEqual([]);
    expect(names([member("ann", "admin"), member("bob", "member")], "bob")).toEqual([]);
  });

  it("lets roles write announcements", () => {
    const place = group([member("ann", "moderator"), member("bob", "member")], true);
    expect([maySend(place, "ann"), maySend(place, "bob")]).toEqual([true, false]);
    expect(maySend(group([member("bob", "member")]), "bob")).toBe(true);
  });

  it("slows down members alone", () => {
    const place = group([member("ann", "moderator"), member("bob", "member")]);
    const slow = { ...place, settings: { ...place.settings, slowModeSeconds: 30 } };
    expect([pauseFor(slow, "ann"), pauseFor(slow, "bob"), pauseFor(place, "bob")]).toEqual([0, 30, 0]);
  });

  it("takes out those below", () => {
    const pairs: [Role, Role, boolean][] = [
      ["admin", "moderator", true],
      ["admin", "admin", false],
      ["moderator", "member", true],
      ["moderator", "moderator", false],
      ["member", "member", false],
    ];
    for (const [role, other, may] of pairs) expect(mayRemove(role, other)).toBe(may);
    expect(roleOf({ ...group([member("ann", "admin")]), kind: "direct" }, "ann")).toBeNull();
  });
});
