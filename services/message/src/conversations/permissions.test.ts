import { describe, expect, it } from "vitest";
import { type Action, may, PERMISSIONS, requireMay, type Standing } from "./permissions.ts";

/** admin, moderator, member, one of two: written out, so that a change of the table is a change of this one, too. */
const CELLS: Record<Action, [boolean, boolean, boolean, boolean]> = {
  "announcement:send": [true, true, false, false],
  "message:send_at_once": [true, true, false, true],
  "message:delete_other": [true, true, false, false],
  "edits:read": [true, true, false, false],
  "profile:change": [true, true, false, false],
  "slow_mode:change": [true, true, false, false],
  "announcement:change": [true, false, false, false],
  "member:add": [true, true, false, false],
  "member:leave": [true, true, true, false],
  "role:change": [true, false, false, false],
  "remove:member": [true, true, false, false],
  "remove:moderator": [true, false, false, false],
  "remove:admin": [false, false, false, false],
  "ban:list": [true, true, false, false],
  "ban:lift": [true, true, false, false],
  "report:handle": [true, true, false, false],
  "audit:read": [true, true, false, false],
};
const STANDINGS: Standing[] = ["admin", "moderator", "member", "peer"];
const placeOf = (standing: Standing) =>
  ({
    conversation: { kind: standing === "peer" ? "direct" : "group" },
    // Members of direct conversations are stored with a role, which says nothing there.
    member: { role: standing === "peer" ? "admin" : standing },
  }) as const;

describe.each(Object.entries(CELLS) as [Action, boolean[]][])("%s", (action, cells) => {
  it.each(STANDINGS.map((standing, index) => [standing, cells[index]] as const))(
    "%s: %s",
    (standing, allowed) => {
      const place = placeOf(standing);
      expect(may(place, action)).toBe(allowed);
      if (allowed) expect(() => requireMay(place, action)).not.toThrow();
      else
        expect(() => requireMay(place, action)).toThrow(
          expect.objectContaining({ code: "forbidden", reason: "role" }),
        );
    },
  );
});

it("has no row that is not written out here", () => {
  expect(Object.keys(PERMISSIONS).sort()).toEqual(Object.keys(CELLS).sort());
});
