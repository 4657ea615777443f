import { describe, expect, it } from "vitest";
import {
  formatRefreshToken,
  hashOf,
  isGenuine,
  mintRefreshToken,
  parseRefreshToken,
  successorOf,
} from "./refresh-token.ts";

const key = Buffer.alloc(32, 1);
const family = "0b6b3c6e-5d3a-4c1e-9a55-3c4d5e6f7a8b";

describe("a refresh token", () => {
  it("survives its text form", () => {
    const token = mintRefreshToken(key, family);
    expect(parseRefreshToken(formatRefreshToken(token))).toEqual(token);
  });

  it("has one successor, which is another token", () => {
    const token = mintRefreshToken(key, family);
    expect(successorOf(key, token)).toEqual(successorOf(key, token));
    expect(hashOf(successorOf(key, token))).not.toEqual(hashOf(token));
    expect(hashOf(mintRefreshToken(key, family))).not.toEqual(hashOf(token));
  });

  it("is known as ours only with our key, in its own family and unchanged", () => {
    const token = mintRefreshToken(key, family);
    expect(isGenuine(key, token)).toBe(true);
    expect(isGenuine(key, successorOf(key, token))).toBe(true);
    expect(isGenuine(Buffer.alloc(32, 2), token)).toBe(false);
    expect(isGenuine(key, { ...token, familyId: crypto.randomUUID() })).toBe(false);
    const changed = Buffer.from(token.secret);
    changed.writeUInt8(changed.readUInt8(0) ^ 1, 0);
    expect(isGenuine(key, { ...token, secret: changed })).toBe(false);
  });

  it.each([
    "",
    "x",
    family,
    `${family}.`,
    `${family}.short`,
    `x.${"A".repeat(43)}`,
    `${family}.${"A".repeat(44)}`,
  ])("is not %j", (text) => expect(parseRefreshToken(text)).toBeUndefined());
});
