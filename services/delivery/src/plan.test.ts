import type { PresenceStatus } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { firstOwedSeq, type Owed, plan } from "./plan.ts";

const now = new Date("2026-01-02T03:04:05.678Z");
const later = new Date(now.getTime() + 1);
const earlier = new Date(now.getTime() - 1);
const owed = (more: Partial<Owed> = {}): Owed => ({
  conversationId: "1",
  lastSeq: 9,
  deliveredSeq: 4,
  notifiedSeq: 2,
  joinedSeq: 0,
  mutedUntil: null,
  dndUntil: null,
  hasNews: true,
  ...more,
});
const decide = (status: PresenceStatus, more?: Partial<Owed>) => plan([owed(more)], { status, now })[0]?.kind;

describe("plan", () => {
  it.each<[PresenceStatus, string]>([
    ["online", "wait"],
    ["idle", "notify"],
    ["offline", "notify"],
  ])("%s: %s", (status, kind) => {
    expect(decide(status)).toBe(kind);
    expect(decide(status, { mutedUntil: earlier })).toBe(kind);
    expect(decide(status, { mutedUntil: later })).toBe("pass");
    expect(decide(status, { dndUntil: earlier })).toBe(kind);
    expect(decide(status, { dndUntil: later })).toBe("pass");
    expect(decide(status, { hasNews: false })).toBe("pass");
  });

  it("keeps the order, one action for each", () => {
    const entries = [owed(), owed({ conversationId: "2", hasNews: false })];
    expect(plan(entries, { status: "idle", now })).toEqual([
      { kind: "notify", owed: entries[0] },
      { kind: "pass", owed: entries[1] },
    ]);
  });
});

describe("firstOwedSeq", () => {
  it.each([
    [{ deliveredSeq: 4, notifiedSeq: 2 }, 5],
    [{ deliveredSeq: 2, notifiedSeq: 6 }, 7],
    [{ joinedSeq: 8 }, 9],
  ])("of %j is %i", (more, seq) => {
    expect(firstOwedSeq(owed(more))).toBe(seq);
  });
});
