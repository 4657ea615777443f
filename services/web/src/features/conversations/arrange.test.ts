import type { ConversationListItem } from "@confab/sdk";
import { describe, expect, it } from "vitest";
import { arrange } from "./arrange.ts";

const items = ["1", "2", "3", "4"].map((id) => ({ id }) as ConversationListItem);
const at = "2026-11-20T10:00:00.000Z";
const states = new Map([
  ["3", { pinnedAt: at, archivedAt: null }],
  ["2", { pinnedAt: null, archivedAt: at }],
]);

describe("the order of conversations", () => {
  it("has what is pinned first, and what is archived apart", () => {
    expect(arrange(items, states, false).map((item) => item.id)).toEqual(["3", "1", "4"]);
    expect(arrange(items, states, true).map((item) => item.id)).toEqual(["2"]);
    expect(arrange(items, new Map(), false)).toEqual(items);
  });
});
