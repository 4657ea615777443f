import { readFileSync } from "node:fs";

/** The last lines of a log, for a message that explains a failure. */
export function tailFile(path: string, lines: number): string[] {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").slice(-lines);
  } catch {
    return [];
  }
}
