import { describe, expect, it } from "vitest";
import { countNew, newestSeq, rowShape } from "./timeline.ts";

const at = (minute: number, senderId = "ann", change: object = {}) => ({
  senderId,
  kind: "text" as const,
  createdAt: new Date(2026, 10, 20, 10, minute).toISOString(),
  seq: minute + 1,
  deletedAt: null,
  ...change,
});

describe("timeline", () => {
  it("starts a day at the first message and when the date changes", () => {
    expect(rowShape(undefined, at(0), undefined, null).newDay).toBe(true);
    expect(rowShape(at(0), at(1), undefined, null).newDay).toBe(false);
    const tomorrow = at(1, "ann", { createdAt: new Date(2026, 10, 21, 0, 1).toISOString() });
    expect(rowShape(at(0), tomorrow, undefined, null)).toMatchObject({ newDay: true, startsGroup: true });
  });

  it("groups one sender's messages that are close in time", () => {
    expect(rowShape(at(0), at(3), at(5), null)).toMatchObject({ startsGroup: false, endsGroup: false });
    expect(rowShape(at(0), at(6), undefined, null)).toMatchObject({ startsGroup: true, endsGroup: true });
    expect(rowShape(at(0, "bob"), at(1), at(2, "bob"), null)).toMatchObject({
      startsGroup: true,
      endsGroup: true,
    });
    expect(rowShape(at(0, "ann", { kind: "system" }), at(1), undefined, null).startsGroup).toBe(true);
  });

  it("breaks the group at the unread divider", () => {
    expect(rowShape(at(0), at(1), undefined, 2)).toMatchObject({ firstUnread: true, startsGroup: true });
    expect(rowShape(undefined, at(0), at(1), 2).endsGroup).toBe(true);
    expect(rowShape(at(0), at(1, "ann", { seq: null }), undefined, null).firstUnread).toBe(false);
  });

  it("counts what others said after the place one has seen", () => {
    const item = (seq: number | null, mine: boolean) => ({ seq, mine, kind: "text" as const });
    const items = [item(1, false), item(2, false), item(3, true), item(4, false), item(null, true)];
    expect(countNew(items, 1)).toBe(2);
    expect(countNew(items, 4)).toBe(0);
    expect(newestSeq(items)).toBe(4);
    expect(newestSeq([])).toBe(0);
  });
});
