import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "../toolchain/lock.mjs";

const PATIENCE_MS = 10_000;

interface Owner {
  dir: string;
  name: string;
}

const pidFile = ({ dir, name }: Owner) => join(dir, `${name}.child.pid`);

export const recordPid = (owner: Owner, pid: number) => writeFileSync(pidFile(owner), String(pid));
export const forgetPid = (owner: Owner) => rmSync(pidFile(owner), { force: true });

/** The command line of a process, or nothing if it cannot be read. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === "linux")
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    return execFileSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" });
  } catch {
    return "";
  }
}

/** Ends an instance that outlived its parent. Pids are reused, so only a process that works in this very directory is ours. */
export async function endStale(owner: Owner): Promise<void> {
  let pid = 0;
  try {
    pid = Number(readFileSync(pidFile(owner), "utf8"));
  } catch {
    return;
  }
  const isOurs = pid > 0 && isAlive(pid) && commandLine(pid).includes(owner.dir);
  if (isOurs) {
    process.kill(pid, "SIGCONT");
    process.kill(pid, "SIGTERM");
    const deadline = Date.now() + PATIENCE_MS;
    while (isAlive(pid) && Date.now() < deadline) await sleep(50);
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
    while (isAlive(pid) && Date.now() < deadline + PATIENCE_MS) await sleep(50);
  }
  forgetPid(owner);
}
