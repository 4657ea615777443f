import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const SKIPPED_DIRECTORIES = new Set(["node_modules", "dist", "generated", ".turbo"]);

/** Every file under the given files and directories, sorted; what does not exist is left out. @param {string[]} paths @returns {string[]} */
export function listFiles(paths) {
  return paths
    .flatMap((path) => {
      const stat = statSync(path, { throwIfNoEntry: false });
      if (!stat?.isDirectory()) return stat ? [path] : [];
      const names = readdirSync(path).filter((name) => !SKIPPED_DIRECTORIES.has(name));
      return listFiles(names.map((name) => join(path, name)));
    })
    .sort();
}

/** One hash over names and contents, so that a step runs again exactly when its inputs changed. @param {string[]} paths @param {string} [salt] */
export function hashFiles(paths, salt = "") {
  const hash = createHash("sha256").update(salt);
  for (const file of listFiles(paths)) hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest("hex");
}

/** @param {string} stampFile @param {string} hash */
export function isStamped(stampFile, hash) {
  try {
    return readFileSync(stampFile, "utf8") === hash;
  } catch {
    return false;
  }
}

/** @param {string} stampFile @param {string} hash */
export function stamp(stampFile, hash) {
  mkdirSync(dirname(stampFile), { recursive: true });
  writeFileSync(stampFile, hash);
}
