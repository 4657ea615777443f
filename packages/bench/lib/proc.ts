import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** What the kernel knows of processes. Linux only: nothing else tells both halves of a system's CPU alike. */

export interface BenchProcess {
  /** What it is, such as `gateway` or `mysql`; several may share a name. */
  name: string;
  pid: number;
}

let ticksPerSecond: number | undefined;
function tickUs(): number {
  ticksPerSecond ??= Number(execFileSync("getconf", ["CLK_TCK"], { encoding: "utf8" }));
  return 1_000_000 / ticksPerSecond;
}

/** User and system ticks of `/proc/<pid>/stat`. The name, in parentheses, may hold anything. */
export function parseStat(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** All ticks, and those in which the machine did something, of `/proc/stat`. */
export function parseMachineStat(stat: string): { total: number; busy: number } {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = stat
    .slice(0, stat.indexOf("\n"))
    .split(/\s+/)
    .slice(1)
    .map(Number);
  const busy = user + nice + system + irq + softirq + steal;
  return { total: busy + idle + wait, busy };
}

/** CPU that a process has used so far, in all of its threads. */
export const cpuUs = (pid: number): number => parseStat(readFileSync(`/proc/${pid}/stat`, "utf8")) * tickUs();

/** CPU that everything on the machine has used so far. */
export const machineCpuUs = (): number =>
  parseMachineStat(readFileSync("/proc/stat", "utf8")).busy * tickUs();

/** Resident memory, shared pages included. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Number(kib) * 1024;
}

/** Memory that the kernel holds for its own objects, sockets among them. */
export function slabBytes(): number {
  const kib = /^Slab:\s+(\d+) kB$/m.exec(readFileSync("/proc/meminfo", "utf8"))?.[1];
  return Number(kib) * 1024;
}

/** The sum over processes of each name. */
export function byName(processes: BenchProcess[], read: (pid: number) => number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { name, pid } of processes) sums[name] = (sums[name] ?? 0) + read(pid);
  return sums;
}
