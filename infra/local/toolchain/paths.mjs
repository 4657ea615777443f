import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../../..");
export const STATE = join(ROOT, ".confab");
export const TOOLCHAIN = join(STATE, "toolchain");
export const SECRETS_FILE = join(STATE, "secrets.json");

/** Exact versions: what was tested is what runs. */
export const NODE_VERSION = "24.21.0";
export const PNPM_VERSION = "11.28.11";
/** TypeScript sources run directly (type stripping without a flag or a warning) from here on. */
export const MINIMUM_NODE_MAJOR = 24;

/** The npm package that carries the Node binary of a platform. @param {string} platform @param {string} arch */
export function nodePackage(platform, arch) {
  return `node-${platform === "win32" ? "win" : platform}-${arch}`;
}

/** @param {string} version as in process.versions.node */
export function isNodeRecent(version) {
  return Number.parseInt(version, 10) >= MINIMUM_NODE_MAJOR;
}

/** Where npm puts the binary of such a package, from the toolchain directory. @param {string} platform @param {string} arch */
export function nodeBinary(platform, arch) {
  const file = platform === "win32" ? "node.exe" : "node";
  return join("node_modules", nodePackage(platform, arch), "bin", file);
}
