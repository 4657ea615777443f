import { describe, expect, it } from "vitest";
import { parseRecord, parseTransitions, presenceOf } from "./state.ts";

const LAST_SEEN_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const LAST_SEEN = "2026-01-02T03:04:05.678Z";

describe("parseTransitions", () => {
  it("reads four fields each", () => {
    expect(parseTransitions(["ada", "online", "5", "7", "bert", "offline", "6", "8"])).toEqual([
      { userId: "ada", status: "online", lastSeenAtMs: 5, version: 7 },
      { userId: "bert", status: "offline", lastSeenAtMs: 6, version: 8 },
    ]);
    expect(parseTransitions([])).toEqual([]);
  });

  it("refuses a status that there is not", () => {
    expect(() => parseTransitions(["ada", "away", "5", "7"])).toThrow("away");
  });
});

describe("parseRecord", () => {
  it.each([
    [["idle", "5"], { status: "idle", lastSeenAtMs: 5 }],
    [[null, null], undefined],
    [["idle", null], undefined],
    [["away", "5"], undefined],
  ] as const)("%j is %j", (fields, record) => {
    expect(parseRecord(fields)).toEqual(record);
  });
});

describe("presenceOf", () => {
  const online = { status: "online", lastSeenAtMs: LAST_SEEN_MS } as const;
  const idle = { status: "idle", lastSeenAtMs: LAST_SEEN_MS } as const;

  it.each([
    ["Redis over the mirror", { redis: idle, mirror: online }, { status: "idle", lastSeenAt: LAST_SEEN }],
    [
      "offline, last seen by the mirror, for somebody whom Redis does not know",
      { redis: undefined, mirror: online },
      { status: "offline", lastSeenAt: LAST_SEEN },
    ],
    [
      "the mirror while Redis is away",
      { redis: "away", mirror: online },
      { status: "online", lastSeenAt: LAST_SEEN },
    ],
    [
      "offline for somebody whom nobody knows",
      { redis: undefined, mirror: undefined },
      { status: "offline", lastSeenAt: null },
    ],
    [
      "offline for a stranger while Redis is away",
      { redis: "away", mirror: undefined },
      { status: "offline", lastSeenAt: null },
    ],
  ] as const)("is %s", (_what, known, presence) => {
    expect(presenceOf("ada", known)).toEqual({ userId: "ada", ...presence });
  });
});
