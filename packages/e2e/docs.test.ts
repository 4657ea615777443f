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
