import { mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "../toolchain/lock.mjs";

/** The process that a scratch directory belongs to, or undefined if it is none. */
export function ownerOf(name: string): number | undefined {
  const pid = Number(/^test-(\d+)-/.exec(name)?.[1]);
  return Number.isInteger(pid) ? pid : undefined;
}

/** A directory for this run alone; those of runs that were killed are removed on the way. */
export function makeScratch(parent: string): string {
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const owner = ownerOf(name);
    if (owner !== undefined && !isAlive(owner)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `test-${process.pid}-`));
}
