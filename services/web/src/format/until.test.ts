import { describe, expect, it } from "vitest";
import { after, FOR_EVER, isAhead, untilText } from "./until.ts";

const now = new Date(2026, 10, 20, 10, 0);

describe("ends", () => {
  it("are told as near as they are", () => {
    expect(untilText(new Date(2026, 10, 20, 11, 30), now, "en-GB")).toBe("11:30");
    expect(untilText(new Date(2026, 10, 21, 9, 0), now, "en-US")).toMatch(/^tomorrow at 9:00\sAM$/u);
    expect(untilText(new Date(2026, 10, 28), now, "en-GB")).toBe("28 Nov");
    expect(untilText(new Date(FOR_EVER), now)).toBe("you end it");
  });

  it("are counted from now", () => {
    expect(after(60, 0)).toBe("1970-01-01T00:01:00.000Z");
    expect(isAhead(after(60, now.getTime()), now)).toBe(true);
    expect(isAhead(now.toISOString(), now)).toBe(false);
    expect(isAhead(null, now)).toBe(false);
  });
});
