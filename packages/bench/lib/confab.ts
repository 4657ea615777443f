import { createDatabase, deployMigrations, dropDatabase } from "@confab/db";
import {
  createSecrets,
  findFreePorts,
  type ServiceProcess,
  serviceEnvironment,
  serviceUrl,
  spawnService,
} from "@confab/local";
import { profiling } from "./profile.ts";
import type { BenchStores } from "./stores.ts";
import type { System } from "./system.ts";
import { createMint } from "./tokens.ts";

const NAMES = ["send", "change", "receipt", "typing", "activity", "read", "connectUser", "connectAddress"];
const MESSAGE_LIMITS = NAMES.slice(0, 6);
const generous = (names: string[]): string =>
  JSON.stringify(Object.fromEntries(names.map((name) => [name, { burst: 1_000_000, perSecond: 100_000 }])));

/** As shipped, but for the limits per person and address: all load comes from few people, and from one address. */
export const CONFAB_SETTINGS: Record<string, string> = {
  NODE_ENV: "production",
  LOG_LEVEL: "warn",
  MESSAGE_RATE_LIMITS: generous(MESSAGE_LIMITS),
  GATEWAY_RATE_LIMITS: generous(NAMES),
  GATEWAY_DRAIN_WINDOW_MS: "100",
  GATEWAY_DRAIN_ACKS_MS: "100",
};

const STOP_GRACE_MS = 5000;
let starts = 0;

/** All of Confab, each service a process, on a database of its own. */
export async function startConfab(
  { stores, mysql, redis }: BenchStores,
  options: { gateways: number; profile: string; say: (line: string) => void },
): Promise<System> {
  const name = `confab-${++starts}`;
  await using running = new AsyncDisposableStack();
  const databaseUrl = await createDatabase(stores.mysqlUrl, name);
  running.defer(() => dropDatabase(stores.mysqlUrl, name));
  await deployMigrations(databaseUrl);
  const [message = 0, presence = 0, delivery = 0, ...gateways] = await findFreePorts(3 + options.gateways);
  const secrets = await createSecrets();
  const environment = serviceEnvironment({
    stores: { ...stores, mysqlUrl: databaseUrl },
    ports: { message, presence, delivery, gateways },
    secrets,
    publicUrl: "http://localhost:1",
    redisPrefix: name,
  });
  const start = async (service: string, port: number, env: Record<string, string> | undefined) => {
    const process = spawnService({
      name: service,
      entry: `services/${service}/src/main.ts`,
      env: {
        ...env,
        ...CONFAB_SETTINGS,
        ...profiling(options.profile, `${service}-${port}`),
      },
      readyUrl: `${serviceUrl(port)}/readyz`,
      log: (line) => options.say(`${service}: ${line}`),
    });
    running.defer(() => process.stop("SIGTERM", STOP_GRACE_MS));
    await process.ready();
    return process;
  };
  const services: ServiceProcess[] = [await start("message", message, environment.message)];
  services.push(await start("presence", presence, environment.presence));
  services.push(await start("delivery", delivery, environment.delivery));
  for (const [index, port] of gateways.entries()) {
    services.push(await start("gateway", port, environment.gateways[index]));
  }
  const owned = running.move();
  return {
    name: "confab",
    gateways: gateways.map((port) => serviceUrl(port).replace("http:", "ws:")),
    restUrl: serviceUrl(message),
    databaseUrl,
    promises: { hearsOwn: true, keepsOrder: true },
    processes: [...services.map((service) => ({ name: service.name, pid: service.pid })), ...mysql, ...redis],
    metricsUrls: services.map((service) => ({ name: service.name, url: `${service.url}/metrics` })),
    mintToken: await createMint(secrets.authSigningKey, {
      issuer: environment.message.AUTH_ISSUER as string,
      audience: environment.message.AUTH_AUDIENCE as string,
    }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
