import { execFileSync } from "node:child_process";
import { cpus, release, totalmem } from "node:os";

/** Where a result comes from: numbers mean nothing without it. */
export interface Host {
  cpu: string;
  cores: number;
  memoryGib: number;
  kernel: string;
  node: string;
  /** Such as `MariaDB 10.11.19, Redis 7.0.15`. */
  stores: string;
  commit: string;
  /** Files that differ from the commit. */
  changedFiles: number;
}

export function describeHost(stores: string): Host {
  const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
  const [first] = cpus();
  return {
    cpu: first?.model ?? "unknown",
    cores: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    stores,
    commit: git("rev-parse", "--short", "HEAD"),
    changedFiles: git("status", "--porcelain").split("\n").filter(Boolean).length,
  };
}
