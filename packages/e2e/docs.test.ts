import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { referenceFiles } from "./docs/reference.ts";

const root = resolve(import.meta.dirname, "../..");

it.each([...referenceFiles().keys()])("%s is what the sources say", (path) => {
  expect(readFileSync(join(root, path), "utf8"), "run: pnpm --filter @confab/e2e reference").toBe(
    referenceFiles().get(path),
  );
});

it("the README shows the lines that embed.test.ts runs", () => {
  const example = readFileSync(join(root, "packages/sdk/examples/embed.ts"), "utf8");
  const lines = /\{\n([\s\S]*?)\n {2}return/.exec(example)?.[1]?.replace(/^ {2}/gm, "");
  expect(lines?.split("\n")).toHaveLength(9);
  expect(readFileSync(join(root, "README.md"), "utf8")).toContain(
    lines?.replace("const chat", "\nconst chat").trim(),
  );
});
