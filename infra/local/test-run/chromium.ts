import { Problem } from "../problem.mjs";
import { canInstallPackages, installPackages } from "../stores/apt.ts";
import { findExecutable } from "../stores/executables.ts";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** A Chromium for the browser tests: the one that is named, one on this machine, or one that we may install. */
export async function ensureChromium(env: NodeJS.ProcessEnv): Promise<string> {
  const found = env.CONFAB_CHROMIUM || findExecutable(...NAMES);
  if (found) return found;
  if (canInstallPackages()) await installPackages(["chromium"]);
  const installed = findExecutable(...NAMES);
  if (installed) return installed;
  throw new Problem("The browser tests need Chromium, and there is none.", [
    "Debian, Ubuntu: sudo apt-get install chromium",
    "Elsewhere: install Chrome or Chromium and set CONFAB_CHROMIUM to its path.",
  ]);
}
