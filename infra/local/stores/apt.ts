import { spawnSync } from "node:child_process";
import { runStep } from "../toolchain/run.mjs";
import { findExecutable } from "./executables.ts";

/** The programs alone where the system offers them so: the whole package would also set up a service of its own. */
const MARIADB_PROGRAMS = ["mariadb-server-core", "mariadb-client-core"];

const options = {
  cwd: "/",
  env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  isDownload: true,
};

/** Whether we may install packages on this machine: a Debian-like system, and we are root. */
export function canInstallPackages(): boolean {
  return process.getuid?.() === 0 && findExecutable("apt-get") !== undefined;
}

const isKnown = (name: string) => spawnSync("apt-cache", ["show", name], { stdio: "ignore" }).status === 0;

const refresh = () => runStep("Refreshing the package lists", "apt-get", ["update", "-qq"], options);

async function install(packages: string[]) {
  const args = ["install", "-y", "-qq", "-o=Dpkg::Use-Pty=0", "--no-install-recommends", ...packages];
  await runStep(`Installing ${packages.join(", ")} (once)`, "apt-get", args, options);
}

/** Installs packages with the system's package manager, showing what it does. */
export async function installPackages(packages: string[]): Promise<void> {
  await refresh();
  await install(packages);
}

/** Installs MariaDB and Redis. */
export async function installStores(): Promise<void> {
  await refresh();
  const mariadb = MARIADB_PROGRAMS.every(isKnown) ? MARIADB_PROGRAMS : ["mariadb-server"];
  await install([...mariadb, "redis-server"]);
}
