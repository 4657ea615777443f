import { describe, expect, it } from "vitest";
import { findMisshape } from "./payload.ts";

const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));

describe("findMisshape", () => {
  it.each([[undefined], [null], ["text"], [5], [{ a: [{ b: null }] }], [nested(20)]])(
    "has nothing against %j",
    (value) => {
      expect(findMisshape(value)).toBeUndefined();
    },
  );

  it("finds binary data at any depth", () => {
    for (const binary of [
      Buffer.from("a"),
      new ArrayBuffer(2),
      new Uint8Array(2),
      new DataView(new ArrayBuffer(1)),
    ]) {
      expect(findMisshape(binary)).toBe("binary");
      expect(findMisshape({ a: [1, { b: binary }] })).toBe("binary");
    }
  });

  it("refuses nesting that no command needs, however deep", () => {
    expect(findMisshape(nested(22))).toBe("too_deep");
    expect(findMisshape(nested(30_000))).toBe("too_deep");
  });

  it("looks at 64 KiB of small values without running out of stack", () => {
    expect(findMisshape(Array.from({ length: 200_000 }, (_, n) => n))).toBeUndefined();
  });
});
