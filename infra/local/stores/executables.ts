import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Debian keeps servers where an ordinary user's PATH does not reach; Homebrew keeps MySQL apart. */
const EXTRA_DIRECTORIES = ["/usr/sbin", "/usr/local/sbin", "/usr/libexec", "/opt/homebrew/bin"];

/** The first of the named programs that this machine has, or undefined. */
export function findExecutable(...names: string[]): string | undefined {
  const directories = [...(process.env.PATH ?? "").split(delimiter), ...EXTRA_DIRECTORIES].filter(Boolean);
  for (const name of names) {
    for (const directory of directories) {
      const path = join(directory, name);
      try {
        accessSync(path, constants.X_OK);
        return path;
      } catch {
        // Not in this directory: look on.
      }
    }
  }
  return undefined;
}
