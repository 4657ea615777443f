import { afterAll, beforeAll, it } from "vitest";
import { type Cluster, startCluster } from "./cluster.ts";
import { SCENARIOS } from "./scenarios/index.ts";

/** Declares every scenario as a test on a cluster with so many gateways. */
export function runScenarios(gateways: number): void {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gateways });
  });
  afterAll(() => cluster?.[Symbol.asyncDispose]());

  it.each(Object.keys(SCENARIOS))("%s", async (name) => {
    await using cleanup = new AsyncDisposableStack();
    await SCENARIOS[name]?.(cluster, cleanup);
  });
}
