import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hashFiles, isStamped, listFiles, stamp } from "./stamp.mjs";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "confab-stamp-"));
  mkdirSync(join(dir, "src"));
  mkdirSync(join(dir, "node_modules"));
  writeFileSync(join(dir, "src", "a.ts"), "one");
  writeFileSync(join(dir, "node_modules", "b.js"), "two");
});
afterEach(() => rmSync(dir, { recursive: true }));

test("the hash follows contents, names and the salt, and nothing else", () => {
  const before = hashFiles([dir]);
  expect(hashFiles([dir])).toBe(before);
  expect(hashFiles([dir], "salt")).not.toBe(before);
  writeFileSync(join(dir, "src", "a.ts"), "changed");
  const changed = hashFiles([dir]);
  expect(changed).not.toBe(before);
  writeFileSync(join(dir, "src", "c.ts"), "");
  expect(hashFiles([dir])).not.toBe(changed);
});

test("what is built or installed is no input, and what does not exist is left out", () => {
  expect(listFiles([dir, join(dir, "absent")])).toEqual([join(dir, "src", "a.ts")]);
});

test("a stamp holds for its own hash only", () => {
  const file = join(dir, "stamps", "install");
  expect(isStamped(file, "x")).toBe(false);
  stamp(file, "x");
  expect(isStamped(file, "x")).toBe(true);
  expect(isStamped(file, "y")).toBe(false);
});
