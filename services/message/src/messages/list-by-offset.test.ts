import { describe, expect, it } from "vitest";
import { positionToSeq } from "./list-by-offset.ts";

describe("positionToSeq", () => {
  const visible = (lastSeq: number, hidden: number[]) =>
    Array.from({ length: lastSeq }, (_, n) => lastSeq - n).filter((seq) => !hidden.includes(seq));

  it.each([[[]], [[10]], [[10, 9, 8]], [[7]], [[7, 5]], [[9, 7, 6, 2]], [[3, 2, 1]], [[10, 1]]])(
    "leaves just as many visible ones above, with %j hidden",
    (hidden) => {
      const seen = visible(10, hidden);
      for (let offset = 0; offset < seen.length; offset++) {
        const seq = positionToSeq(offset, 10, hidden);
        expect(seen.filter((one) => one > seq)).toHaveLength(offset);
        expect(seen.filter((one) => one <= seq)[0]).toBe(seen[offset]);
      }
    },
  );
});
