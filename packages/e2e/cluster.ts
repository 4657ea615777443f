import { createDelivery, readConfig as readDeliveryConfig } from "@confab/delivery";
import { createGateway, readConfig as readGatewayConfig } from "@confab/gateway";
import { createSecrets, type Edge, startEdge } from "@confab/local";
import { createMessageService, readConfig as readMessageConfig } from "@confab/message";
import { createPresence, readConfig as readPresenceConfig } from "@confab/presence";
import { createTestStores, type TestStores } from "@confab/testkit";

export type Environment = Record<string, string>;

/** Where a cluster is to be found, however it runs. */
export interface ClusterAddresses {
  /** Public addresses; REST is behind each of them. */
  addresses: string[];
  gatewayUrls: string[];
  messageUrl: string;
  /** For tests that mint tokens or start one more service. */
  environment: Environment;
}

/** All of Confab in this process, on real stores of its own; one public address per gateway. */
export interface Cluster extends ClusterAddresses, AsyncDisposable {
  stores: TestStores;
}

export interface ClusterOptions {
  gateways: number;
  /** On top of what every test needs. */
  settings?: Environment;
  /** On top of that, for one gateway: other addresses, where a test stands in between. */
  gatewaySettings?: (index: number, environment: Environment) => Promise<Environment>;
}

/** Tests sign up more people from one address, and send faster, than a person does. */
const generous = (...names: string[]): Environment[string] =>
  JSON.stringify(Object.fromEntries(names.map((name) => [name, { burst: 100_000, perSecond: 10_000 }])));
const COMMANDS = ["send", "change", "receipt", "typing", "activity", "read", "search"];

export const TEST_SETTINGS: Environment = {
  HOST: "127.0.0.1",
  LOG_LEVEL: "error",
  NODE_ENV: "development",
  PUBLIC_URL: "http://localhost:1",
  GATEWAY_DRAIN_WINDOW_MS: "100",
  MESSAGE_RATE_LIMITS: generous(...COMMANDS, "register", "login", "session"),
  GATEWAY_RATE_LIMITS: generous(...COMMANDS, "connectUser", "connectAddress", "dialectWord"),
};

/** What every service of one cluster shares. */
export async function clusterEnvironment(
  stores: TestStores,
  settings: Environment = {},
): Promise<Environment> {
  const secrets = await createSecrets();
  return {
    ...TEST_SETTINGS,
    MYSQL_URL: stores.mysqlUrl,
    REDIS_REALTIME_URL: stores.redisRealtimeUrl,
    REDIS_QUEUE_URL: stores.redisQueueUrl,
    REDIS_PREFIX: stores.redisPrefix,
    INTERNAL_TOKEN: secrets.internalToken,
    AUTH_SIGNING_KEY: secrets.authSigningKey,
    MESSAGE_PORT: "0",
    PRESENCE_PORT: "0",
    DELIVERY_PORT: "0",
    GATEWAY_PORT: "0",
    ...settings,
  };
}

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const running = new AsyncDisposableStack();
  try {
    const stores = running.use(await createTestStores());
    const environment = await clusterEnvironment(stores, options.settings);
    const presence = running.use(await createPresence(readPresenceConfig(environment)));
    environment.PRESENCE_URL = presence.url;
    const message = running.use(await createMessageService(readMessageConfig(environment)));
    environment.MESSAGE_URL = message.url;
    environment.AUTH_JWKS_URL = `${message.url}/.well-known/jwks.json`;
    running.use(await createDelivery(readDeliveryConfig(environment)));

    const gatewayUrls: string[] = [];
    const addresses: string[] = [];
    for (let index = 0; index < options.gateways; index++) {
      const own = (await options.gatewaySettings?.(index, environment)) ?? {};
      const gateway = running.use(await createGateway(readGatewayConfig({ ...environment, ...own })));
      gatewayUrls.push(gateway.url);
      const edge = await startAddress(gateway.url, message.url);
      running.defer(() => edge.stop());
      addresses.push(edge.url);
    }
    const owned = running.move();
    return {
      addresses,
      gatewayUrls,
      messageUrl: message.url,
      stores,
      environment,
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    await running.disposeAsync();
    throw error;
  }
}

/** A public address in front of one gateway, so that a test decides who is connected where. */
function startAddress(gatewayUrl: string, messageUrl: string): Promise<Edge> {
  return startEdge({ port: 0, gatewayUrls: [gatewayUrl], messageUrl, webDir: import.meta.dirname });
}
