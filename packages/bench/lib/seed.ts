import { createDatabase, deployMigrations, dropDatabase } from "@confab/db";
import { createSecrets, findFreePorts, serviceUrl, spawnService } from "@confab/local";
import type { BenchStores } from "./stores.ts";
import type { System } from "./system.ts";
import { createMint } from "./tokens.ts";

let starts = 0;

/** The naive system of `seed-baseline/`, on a database of its own. */
export async function startSeed(
  { stores, mysql }: BenchStores,
  options: { say: (line: string) => void },
): Promise<System> {
  const name = `seed_${++starts}`;
  await using running = new AsyncDisposableStack();
  const databaseUrl = await createDatabase(stores.mysqlUrl, name);
  running.defer(() => dropDatabase(stores.mysqlUrl, name));
  await deployMigrations(databaseUrl);
  const [port = 0] = await findFreePorts(1);
  const { authSigningKey } = await createSecrets();
  const process = spawnService({
    name: "seed",
    entry: "packages/bench/seed-baseline/main.ts",
    env: {
      NODE_ENV: "production",
      SEED_PORT: String(port),
      MYSQL_URL: databaseUrl,
      AUTH_SIGNING_KEY: authSigningKey,
    },
    readyUrl: `${serviceUrl(port)}/readyz`,
    log: (line) => options.say(`seed: ${line}`),
  });
  running.defer(() => process.kill());
  await process.ready();
  const owned = running.move();
  return {
    name: "seed",
    gateways: [serviceUrl(port).replace("http:", "ws:")],
    databaseUrl,
    // Transactions of one conversation commit in order, but nothing keeps their emits so.
    promises: { hearsOwn: false, keepsOrder: false },
    processes: [{ name: "seed", pid: process.pid }, ...mysql],
    metricsUrls: [],
    mintToken: await createMint(authSigningKey, { issuer: "seed", audience: "seed" }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
