import { mkdirSync } from "node:fs";
import { relative } from "node:path";
import { assertPortFree, type Edge, startEdge } from "./edge.ts";
import { serviceUrl } from "./environment.ts";
import { Problem, reportProblem } from "./problem.mjs";
import { loadSecrets } from "./secrets.ts";
import { onStopSignal } from "./signals.ts";
import { readStartOptions, type StartOptions, USAGE } from "./start/arguments.ts";
import { openDatabase, openStores, resetStores } from "./start/data.ts";
import { findRunning, removeRunRecord, writeRunRecord } from "./start/run-file.ts";
import { assignPorts, LOGS, planServices, startServices, stopServices } from "./start/services.ts";
import { formatSummary } from "./start/summary.ts";
import type { SupervisedService } from "./start/supervisor.ts";
import { buildWebClient, WEB_DIST } from "./start/web-client.ts";
import type { Stores } from "./stores/types.ts";
import { ROOT, SECRETS_FILE, STATE } from "./toolchain/paths.mjs";

const startedAt = Date.now();
const say = (line: string) => console.log(line);
let stores: Stores | undefined;
let services: SupervisedService[] = [];
let edge: Edge | undefined;

async function stopAll(): Promise<void> {
  await stopServices(services);
  await edge?.stop();
  await stores?.stop();
  removeRunRecord();
}

async function startAll({ port, host, gateways, reset }: StartOptions): Promise<void> {
  const running = findRunning();
  if (running) {
    throw new Problem(`Confab already runs from this checkout, at ${running.publicUrl}.`, [
      `Stop it first (Ctrl-C there, or: kill ${running.pid}).`,
    ]);
  }
  await assertPortFree(port, host);
  mkdirSync(STATE, { recursive: true });
  if (reset) await resetStores();
  const publicUrl = process.env.PUBLIC_URL || `http://localhost:${port}`;
  const input = { publicUrl, ports: await assignPorts(gateways), secrets: await loadSecrets(SECRETS_FILE) };

  stores = await openStores(say);
  say(`· Stores: ${stores.flavour} (${stores.source})`);
  if (reset && stores.source !== "local")
    say("! --reset forgets only what Confab itself keeps; these stores keep their data");
  const { redisRealtimeUrl, redisQueueUrl } = stores;
  const { mysqlUrl, accounts } = await openDatabase(stores, say);
  const stack = { ...input, stores: { mysqlUrl, redisRealtimeUrl, redisQueueUrl } };
  const { secrets: _, ...record } = stack;
  writeRunRecord({ pid: process.pid, ...record });

  say(`· Starting ${gateways} gateways and the services behind them`);
  services = startServices(planServices(stack, say), say);
  await Promise.all([buildWebClient(), ...services.map((service) => service.ready())]);
  edge = await startEdge({
    port,
    host,
    gatewayUrls: input.ports.gateways.map(serviceUrl),
    messageUrl: serviceUrl(input.ports.message),
    webDir: WEB_DIST,
    demoAccounts: accounts,
  });
  const seconds = (Date.now() - startedAt) / 1000;
  say(formatSummary({ url: publicUrl, accounts, services, stores, logs: relative(ROOT, LOGS), seconds }));
}

onStopSignal(async () => {
  say("\n· Stopping (Ctrl-C again ends everything at once)");
  await stopAll();
  process.exit(0);
});
try {
  const options = readStartOptions(process.argv.slice(2));
  if (options.help) say(USAGE);
  else await startAll(options);
} catch (error) {
  reportProblem(error);
  await stopAll();
  process.exit(1);
}
