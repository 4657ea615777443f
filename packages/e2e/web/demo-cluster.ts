import { resolve } from "node:path";
import { seedDemo } from "@confab/db";
import { startEdge } from "@confab/local";
import { type Cluster, startCluster } from "../cluster.ts";

const WEB_DIR = resolve(import.meta.dirname, "../../../services/web/dist");

/** Two gateways with the demo's people, each behind an address of its own that also serves the web client. */
export async function startDemo(
  cleanup: AsyncDisposableStack,
): Promise<{ cluster: Cluster; addresses: [string, string] }> {
  const cluster = cleanup.use(await startCluster({ gateways: 2 }));
  const { accounts } = await seedDemo(cluster.stores.mysqlUrl);
  const addresses: string[] = [];
  for (const gatewayUrl of cluster.gatewayUrls) {
    const edge = await startEdge({
      port: 0,
      gatewayUrls: [gatewayUrl],
      messageUrl: cluster.messageUrl,
      webDir: WEB_DIR,
      demoAccounts: accounts,
    });
    cleanup.defer(() => edge.stop());
    addresses.push(edge.url);
  }
  return { cluster, addresses: addresses as [string, string] };
}
