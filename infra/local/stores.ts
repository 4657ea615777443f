import { Problem } from "./problem.mjs";
import { canInstallPackages, installStores } from "./stores/apt.ts";
import { planStores, urlsFromEnvironment } from "./stores/choose.ts";
import { hasDocker, startDocker } from "./stores/docker.ts";
import { findLocalPrograms, type LocalOptions, startLocal } from "./stores/local.ts";
import { mysqlVersion } from "./stores/mysql.ts";
import { redisVersion } from "./stores/redis.ts";
import type { StoreMode, Stores, StoreUrls } from "./stores/types.ts";

export interface StoresOptions extends LocalOptions {
  mode: StoreMode;
  /** Whether Docker keeps the data for the next start. */
  keep?: boolean;
}

const HELP = [
  "Give Confab MySQL (or MariaDB 10.6+) and Redis 7+ in one of these ways:",
  "  Debian, Ubuntu:  sudo apt-get install mariadb-server redis-server",
  "  macOS:           brew install mariadb redis",
  "  Docker:          start it, then CONFAB_STORES=docker npm start",
  "  servers you have: set MYSQL_URL, REDIS_REALTIME_URL and REDIS_QUEUE_URL",
];

function fromEnvironment(urls: StoreUrls): Omit<Stores, "flavour"> {
  return { ...urls, source: "env", stop: async () => {} };
}

async function bring(options: StoresOptions): Promise<Omit<Stores, "flavour">> {
  const urls = urlsFromEnvironment(process.env);
  let programs = findLocalPrograms();
  const mayUseDocker = options.mode === "docker" || (options.mode === "auto" && !urls && !programs);
  const plan = planStores(options.mode, {
    hasUrls: urls !== undefined,
    hasPrograms: programs !== undefined,
    hasDocker: mayUseDocker && (await hasDocker()),
    canInstall: canInstallPackages(),
  });
  if (plan === "install") {
    await installStores();
    programs = findLocalPrograms();
  }
  if (plan === "env" && urls) return fromEnvironment(urls);
  if (plan === "docker") return startDocker(options);
  if (programs && plan !== "none") return startLocal(programs, options);
  throw new Problem(`No MySQL and Redis found (CONFAB_STORES=${options.mode}).`, HELP);
}

/** What answers at these addresses; also proves that it does. */
async function describe(stores: StoreUrls): Promise<string> {
  const answers = [
    mysqlVersion(stores.mysqlUrl),
    redisVersion(stores.redisRealtimeUrl),
    redisVersion(stores.redisQueueUrl),
  ];
  const [mysql, redis] = await Promise.all(answers).catch((error: unknown) => {
    throw new Problem("A store does not answer.", [
      String(error),
      stores.mysqlUrl.replace(/\/\/.*@/, "//…@"),
      stores.redisRealtimeUrl,
      stores.redisQueueUrl,
    ]);
  });
  return `${mysql}, ${redis}`;
}

/** Finds or starts MySQL and the two Redis, as `CONFAB_STORES` asks; resolves once all three answer. */
export async function startStores(options: StoresOptions): Promise<Stores> {
  const stores = await bring(options);
  try {
    return { ...stores, flavour: await describe(stores) };
  } catch (error) {
    await stores.stop();
    throw error;
  }
}
