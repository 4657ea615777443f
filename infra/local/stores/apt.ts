import { runStep } from "../toolchain/run.mjs";
import { findExecutable } from "./executables.ts";

/** Debian starts a server when it is installed; we run our own, so this policy says no while we install. */
const NO_SERVICES = { DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };

/** Whether we may install packages on this machine: a Debian-like system, and we are root. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && findExecutable("apt-get") !== undefined;
}

/** Installs packages with the system's package manager, showing what it does. */
export async function installPackages(packages: string[]): Promise<void> {
  const options = { cwd: "/", env: { ...process.env, ...NO_SERVICES }, isDownload: true };
  await runStep("Refreshing the package lists", "apt-get", ["update", "-qq"], options);
  const args = ["install", "-y", "-qq", "--no-install-recommends", ...packages];
  await runStep(`Installing ${packages.join(", ")} (once)`, "apt-get", args, options);
}
