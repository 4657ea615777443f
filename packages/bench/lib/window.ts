import { availableParallelism } from "node:os";
import type { Counters } from "./counters.ts";
import { byName, cpuUs, machineCpuUs } from "./proc.ts";
import type { System } from "./system.ts";

/** What was used between two moments. */
export interface Used {
  seconds: number;
  /** By process name, stores included. */
  cpuUs: Record<string, number>;
  generatorCpuUs: number;
  /** Share of the machine that neither the system nor the bench used: above 5 % the run was disturbed. */
  foreignShare: number;
}

/** Begins a measurement; what it returns ends it. */
export function openWindow(system: System, generatorPids: number[]): () => Used {
  const sample = () => ({
    atMs: performance.now(),
    system: byName(system.processes, cpuUs),
    generator: generatorPids.reduce((sum, pid) => sum + cpuUs(pid), 0),
    bench: cpuUs(process.pid),
    machine: machineCpuUs(),
  });
  const before = sample();
  return () => {
    const after = sample();
    const cpu = Object.fromEntries(
      Object.entries(after.system).map(([name, us]) => [name, us - (before.system[name] as number)]),
    );
    const seconds = (after.atMs - before.atMs) / 1000;
    const generatorCpuUs = after.generator - before.generator;
    const known = total(cpu) + generatorCpuUs + (after.bench - before.bench);
    const foreignUs = Math.max(0, after.machine - before.machine - known);
    return {
      seconds,
      cpuUs: cpu,
      generatorCpuUs,
      foreignShare: foreignUs / (seconds * 1e6 * availableParallelism()),
    };
  };
}

export const total = (parts: Record<string, number>): number =>
  Object.values(parts).reduce((sum, part) => sum + part, 0);

const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);

/** CPU for each piece of work, in all and by process: `cpuUsPerMessage`, `cpuGatewayUsPerMessage` … */
export function cpuPer(work: string, count: number, used: Used): Record<string, number> {
  const parts = Object.entries(used.cpuUs).map(([name, us]) => [
    `cpu${capital(name)}UsPer${work}`,
    us / count,
  ]);
  return {
    [`cpuUsPer${work}`]: total(used.cpuUs) / count,
    ...Object.fromEntries(parts),
    [`generatorCpuUsPer${work}`]: used.generatorCpuUs / count,
  };
}

/** What the stores and the message service counted for each piece of work: `mysqlRowsInsertedPerMessage` … */
export function countersPer(work: string, count: number, counters: Counters): Record<string, number> {
  const { batches, batchItems, ...stores } = counters;
  const parts = Object.entries(stores).map(([name, value]) => [`${name}Per${work}`, value / count]);
  return { ...Object.fromEntries(parts), ...(batches > 0 && { messagesPerBatch: batchItems / batches }) };
}
