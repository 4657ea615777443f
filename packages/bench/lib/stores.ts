import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Stores, startStores } from "@confab/local";
import type { BenchProcess } from "./proc.ts";

/** Stores of our own, so that nobody else's work is measured, with the processes that they are. */
export interface BenchStores extends AsyncDisposable {
  stores: Stores;
  mysql: BenchProcess[];
  redis: BenchProcess[];
}

/** MySQL and both Redis, new and empty, as children of this process. They are the same for every system that is compared. */
export async function startBenchStores(say: (line: string) => void): Promise<BenchStores> {
  const dir = mkdtempSync(join(tmpdir(), "confab-bench-"));
  const removeDir = () => rmSync(dir, { recursive: true, force: true });
  // Whoever is interrupted leaves nothing behind either: the stores end with us.
  process.once("exit", removeDir);
  const stores = await startStores({ mode: "local", dir, log: say });
  const pidOf = (store: { pid: number | undefined } | undefined) => store?.pid as number;
  return {
    stores,
    mysql: [{ name: "mysql", pid: pidOf(stores.mysql) }],
    redis: [stores.redisRealtime, stores.redisQueue].map((store) => ({ name: "redis", pid: pidOf(store) })),
    [Symbol.asyncDispose]: () => stores.stop(),
  };
}
