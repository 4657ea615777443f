import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { Problem } from "../problem.mjs";
import {
  isNodeRecent,
  NODE_VERSION,
  nodeBinary,
  nodePackage,
  PNPM_VERSION,
  STATE,
  TOOLCHAIN,
} from "./paths.mjs";
import { runStep } from "./run.mjs";

/** Platforms for which npm carries a Node binary under the name that `nodePackage` gives. */
const PLATFORMS = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64", "win-x64", "win-arm64"];

/** @param {string} name @param {string} version */
function isInstalled(name, version) {
  try {
    const manifest = readFileSync(join(TOOLCHAIN, "node_modules", name, "package.json"), "utf8");
    return JSON.parse(manifest).version === version;
  } catch {
    return false;
  }
}

/** npm as its own script where we were started by it: on Windows `npm` itself is a shell script. */
function npmCommand() {
  const script = process.env.npm_execpath;
  return script && basename(script) === "npm-cli.js" ? [process.execPath, script] : ["npm"];
}

/** A bin directory of our own, so that a shell or a script finds both tools by one PATH entry. @param {string} node */
function writeShims(node) {
  const bin = join(TOOLCHAIN, "bin");
  mkdirSync(bin, { recursive: true });
  if (process.platform === "win32") {
    writeFileSync(join(bin, "pnpm.cmd"), `@"${node}" "%~dp0..\\node_modules\\pnpm\\bin\\pnpm.mjs" %*\r\n`);
    return bin;
  }
  if (!existsSync(join(bin, "node"))) symlinkSync(node, join(bin, "node"));
  const shim = join(bin, "pnpm");
  writeFileSync(
    shim,
    '#!/bin/sh\nhere=$(cd "$(dirname "$0")" && pwd)\nexec "$here/node" "$here/../node_modules/pnpm/bin/pnpm.mjs" "$@"\n',
  );
  chmodSync(shim, 0o755);
  return bin;
}

/** What is missing on this machine, as npm package specs. */
export function missingTools() {
  const missing = isInstalled("pnpm", PNPM_VERSION) ? [] : [`pnpm@${PNPM_VERSION}`];
  if (isNodeRecent(process.versions.node)) return missing;
  const name = nodePackage(process.platform, process.arch);
  if (!PLATFORMS.includes(name.slice("node-".length))) {
    throw new Problem(`Confab needs Node 24, and npm carries none for ${process.platform} ${process.arch}.`, [
      "Install Node 24 or newer from nodejs.org and run this again.",
    ]);
  }
  return isInstalled(name, NODE_VERSION) ? missing : [`${name}@${NODE_VERSION}`, ...missing];
}

/** @param {string[]} specs */
export async function installTools(specs) {
  mkdirSync(TOOLCHAIN, { recursive: true });
  const [command = "npm", ...npm] = npmCommand();
  const args = [
    "install",
    "--prefix",
    TOOLCHAIN,
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--no-package-lock",
    "--loglevel=error",
    // Without a network npm would try for minutes before it says so.
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
    ...specs,
  ];
  await runStep(
    `Fetching ${specs.join(" and ")} from npm into .confab/toolchain (once)`,
    command,
    [...npm, ...args],
    {
      cwd: STATE,
      isDownload: true,
      shell: npm.length === 0 && process.platform === "win32",
    },
  );
}

/** The Node to run everything with, and the environment in which it, pnpm and the workspace's tools are found. @param {string} root */
export function toolEnvironment(root) {
  const own = join(TOOLCHAIN, nodeBinary(process.platform, process.arch));
  const node = isNodeRecent(process.versions.node) ? process.execPath : own;
  const bin = writeShims(node);
  const path = [bin, dirname(node), join(root, "node_modules", ".bin"), process.env.PATH ?? ""].join(
    delimiter,
  );
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...process.env,
    PATH: path,
    TURBO_TELEMETRY_DISABLED: "1",
    DO_NOT_TRACK: "1",
    pnpm_config_update_notifier: "false",
  };
  return { node, env };
}
