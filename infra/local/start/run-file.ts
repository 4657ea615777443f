import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { EnvironmentInput } from "../environment.ts";
import { commandLine } from "../stores/pid-file.ts";
import { isAlive } from "../toolchain/lock.mjs";
import { STATE } from "../toolchain/paths.mjs";

const RUN_FILE = join(STATE, "run.json");

/** What other commands need to know of a running `npm start`. Secrets stay in their own file. */
export interface RunRecord extends Omit<EnvironmentInput, "secrets"> {
  pid: number;
}

export function writeRunRecord(record: RunRecord): void {
  writeFileSync(RUN_FILE, JSON.stringify(record, null, 2), { mode: 0o600 });
}

export const removeRunRecord = () => rmSync(RUN_FILE, { force: true });

/** The stack that runs from this checkout now, or undefined. A record whose process is gone is an accident of the past. */
export function findRunning(): RunRecord | undefined {
  try {
    const record: RunRecord = JSON.parse(readFileSync(RUN_FILE, "utf8"));
    const isOurs = isAlive(record.pid) && commandLine(record.pid).includes("start.ts");
    return isOurs ? record : undefined;
  } catch {
    return undefined;
  }
}
