import { existsSync } from "node:fs";
import { join } from "node:path";
import { hashFiles, isStamped, stamp } from "../stamp.mjs";
import { ROOT, STATE } from "../toolchain/paths.mjs";
import { runStep } from "../toolchain/run.mjs";

export const WEB_DIST = join(ROOT, "services/web/dist");
const STAMP = join(STATE, "stamps", "web");
/** All that ends up in the bundle. */
const SOURCES = ["services/web", "packages/sdk", "packages/contract", "pnpm-lock.yaml"];

/** Builds the web client if its sources changed since the last time. */
export async function buildWebClient(): Promise<void> {
  const hash = hashFiles(SOURCES.map((path) => join(ROOT, path)));
  if (existsSync(join(WEB_DIST, "index.html")) && isStamped(STAMP, hash)) return;
  const args = ["--filter", "@confab/web", "build"];
  await runStep("Building the web client", "pnpm", args, {
    cwd: ROOT,
    quiet: true,
    shell: process.platform === "win32",
  });
  stamp(STAMP, hash);
}
