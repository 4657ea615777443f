import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDatabase, deployMigrations } from "@confab/db";
import {
  createSecrets,
  findFreePorts,
  type ServiceProcess,
  type Stores,
  serviceEnvironment,
  serviceUrl,
  spawnService,
  startEdge,
  startStores,
  withDatabase,
} from "@confab/local";
import { type Cut, createCut } from "@confab/testkit";
import { type ClusterAddresses, type Environment, TEST_SETTINGS } from "../cluster.ts";

/** A service that can be killed and started again where it was. */
export interface Restartable {
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** Every service a process of its own, on stores of its own, so that each can be killed. */
export interface ProcessCluster extends ClusterAddresses, AsyncDisposable {
  stores: Stores;
  databaseUrl: string;
  message: Restartable;
  gateways: Restartable[];
  /** The wire between the gateways and the message service. */
  messageWire: Cut;
  /** What the services printed, for the message of a failing test. */
  log: string[];
}

const KEPT_LOG_LINES = 2000;

export async function startProcessCluster(options: {
  gateways: number;
  settings?: Environment;
}): Promise<ProcessCluster> {
  const running = new AsyncDisposableStack();
  const log: string[] = [];
  try {
    const dir = mkdtempSync(join(tmpdir(), "confab-chaos-"));
    running.defer(() => rmSync(dir, { recursive: true, force: true }));
    const stores = await startStores({ mode: "local", dir, log: () => undefined });
    running.defer(() => stores.stop());
    await createDatabase(stores.mysqlUrl, "confab");
    const databaseUrl = withDatabase(stores.mysqlUrl, "confab");
    await deployMigrations(databaseUrl);

    const [message = 0, presence = 0, delivery = 0, ...gateways] = await findFreePorts(3 + options.gateways);
    const secrets = await createSecrets();
    const environments = serviceEnvironment({
      stores: { ...stores, mysqlUrl: databaseUrl },
      ports: { message, presence, delivery, gateways },
      secrets,
      publicUrl: "http://localhost:1",
    });
    const messageWire = running.use(await createCut(message));

    const service = async (name: string, port: number, own: Environment): Promise<Restartable> => {
      const spawn = (): ServiceProcess =>
        spawnService({
          name,
          entry: `services/${name}/src/main.ts`,
          env: { ...own, ...TEST_SETTINGS, ...options.settings },
          readyUrl: `${serviceUrl(port)}/readyz`,
          log: (line) => {
            log.push(`${name}: ${line}`);
            if (log.length > KEPT_LOG_LINES) log.shift();
          },
        });
      let current = spawn();
      running.defer(() => current.kill());
      await current.ready();
      return {
        kill: () => current.kill(),
        start: async () => {
          current = spawn();
          await current.ready();
        },
      };
    };

    const messageService = await service("message", message, environments.message);
    await Promise.all([
      service("presence", presence, environments.presence),
      service("delivery", delivery, environments.delivery),
    ]);
    const gatewayServices = await Promise.all(
      gateways.map((port, index) =>
        service("gateway", port, {
          ...environments.gateways[index],
          MESSAGE_URL: serviceUrl(messageWire.port),
        }),
      ),
    );
    // Every address leads to every gateway: who loses theirs finds another, as behind a load balancer.
    const edge = await startEdge({
      port: 0,
      gatewayUrls: gateways.map(serviceUrl),
      messageUrl: serviceUrl(message),
      webDir: import.meta.dirname,
    });
    running.defer(() => edge.stop());
    const owned = running.move();
    return {
      addresses: [edge.url],
      gatewayUrls: gateways.map(serviceUrl),
      messageUrl: serviceUrl(message),
      environment: { ...environments.message },
      stores,
      databaseUrl,
      message: messageService,
      gateways: gatewayServices,
      messageWire,
      log,
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    await running.disposeAsync();
    throw new Error(`the cluster did not start\n${log.slice(-20).join("\n")}`, { cause: error });
  }
}
