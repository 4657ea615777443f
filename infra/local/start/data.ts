import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createDatabase, deployMigrations, seedDemo } from "@confab/db";
import type { DemoAccount } from "../edge.ts";
import { parseStoreMode, withDatabase } from "../stores/choose.ts";
import { removeLocal } from "../stores/local.ts";
import type { Log, StoreProcess, Stores } from "../stores/types.ts";
import { startStores } from "../stores.ts";
import { STATE } from "../toolchain/paths.mjs";
import { restartDelay } from "./supervisor.ts";

const STORES_DIR = join(STATE, "stores");
const DEFAULT_DATABASE = "confab";
/** MySQL's ER_DBACCESS_DENIED_ERROR. */
const ACCESS_DENIED = 1044;

export const resetStores = () => removeLocal(STORES_DIR);

/** Brings the stores up; one that ends unasked is started again on its port and data. */
export async function openStores(say: Log): Promise<Stores> {
  let isStopping = false;
  const revive = async (store: StoreProcess) => {
    for (let failures = 1; !isStopping; failures++) {
      try {
        await store.start();
        return say(`· ${store.name} runs again`);
      } catch (error) {
        say(`! ${store.name} does not start (${(error as Error).message}); its log: ${store.logFile}`);
        await sleep(restartDelay(failures));
      }
    }
  };
  const stores: Stores = await startStores({
    mode: parseStoreMode(process.env.CONFAB_STORES),
    dir: STORES_DIR,
    log: say,
    keep: true,
    onExit(store, detail) {
      if (isStopping) return;
      say(`! ${detail}; starting it again`);
      void revive(store);
    },
  });
  return {
    ...stores,
    stop() {
      isStopping = true;
      return stores.stop();
    },
  };
}

/** The database that `MYSQL_URL` names, if the stores came from the environment. */
export function databaseName(stores: Pick<Stores, "source">, env: NodeJS.ProcessEnv): string {
  const named = stores.source === "env" && env.MYSQL_URL ? new URL(env.MYSQL_URL).pathname.slice(1) : "";
  return named || DEFAULT_DATABASE;
}

/** Creates, migrates and fills the database as far as that has not been done before. */
export async function openDatabase(
  stores: Stores,
  log: Log,
): Promise<{ mysqlUrl: string; accounts: DemoAccount[] }> {
  const name = databaseName(stores, process.env);
  const mysqlUrl = await createDatabase(stores.mysqlUrl, name).catch((error: { errno?: number }) => {
    // A user that may not create databases has been given one.
    if (error.errno === ACCESS_DENIED) return withDatabase(stores.mysqlUrl, name);
    throw error;
  });
  const line = (_fields: object, message: string) => log(`· ${message}`);
  const options = { log: { info: line, warn: line } };
  await deployMigrations(mysqlUrl, options);
  const { accounts } = await seedDemo(mysqlUrl, options);
  return { mysqlUrl, accounts };
}
