import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Log } from "../stores/types.ts";

/** Pino's level of an error. */
const ERROR_LEVEL = 50;
/** A dependency that is down makes a service repeat itself; the log file has every line. */
const REPEAT_AFTER_MS = 10_000;

/** The message of a JSON log line that reports an error, or undefined. */
export function errorIn(line: string): string | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const { level, msg, err } = JSON.parse(line) as {
      level?: number;
      msg?: string;
      err?: { message?: string };
    };
    if (typeof level !== "number" || level < ERROR_LEVEL) return undefined;
    const cause = err?.message && err.message !== msg ? `: ${err.message}` : "";
    return `${msg ?? "error"}${cause}`;
  } catch {
    return undefined;
  }
}

/** Writes a service's lines to its file, and says in the terminal, briefly, that it reports an error. */
export function openServiceLog(name: string, file: string, say: Log): Log {
  mkdirSync(dirname(file), { recursive: true });
  const stream = createWriteStream(file, { flags: "w" });
  const saidAt = new Map<string, number>();
  return (line) => {
    stream.write(`${line}\n`);
    const message = errorIn(line);
    if (!message || Date.now() - (saidAt.get(message) ?? 0) < REPEAT_AFTER_MS) return;
    saidAt.set(message, Date.now());
    say(`! ${name}: ${message}`);
  };
}
