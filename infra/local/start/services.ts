import { join } from "node:path";
import { type EnvironmentInput, serviceEnvironment, serviceUrl } from "../environment.ts";
import type { ServiceOptions } from "../processes.ts";
import { findFreePorts } from "../stores/ports.ts";
import type { Log } from "../stores/types.ts";
import { STATE } from "../toolchain/paths.mjs";
import { openServiceLog } from "./service-log.ts";
import { type SupervisedService, superviseService } from "./supervisor.ts";

export const LOGS = join(STATE, "logs");

/** Sending people away slowly spares the other gateways a storm; here all of them stop together. */
const PATIENCE = { GATEWAY_DRAIN_WINDOW_MS: "500", GATEWAY_DRAIN_ACKS_MS: "1000" };

export async function assignPorts(gateways: number): Promise<EnvironmentInput["ports"]> {
  const [message = 0, presence = 0, delivery = 0, ...rest] = await findFreePorts(3 + gateways);
  return { message, presence, delivery, gateways: rest };
}

/** Every service process of the stack. Settings in our own environment, such as GATEWAY_*, reach them too. */
export function planServices(input: EnvironmentInput, say: Log): ServiceOptions[] {
  const env = serviceEnvironment(input);
  const service = (
    kind: string,
    name: string,
    port: number,
    own: Record<string, string>,
  ): ServiceOptions => ({
    name,
    entry: `services/${kind}/src/main.ts`,
    env: { ...PATIENCE, ...process.env, ...own },
    log: openServiceLog(name, join(LOGS, `${name}.log`), say),
    logFile: join(LOGS, `${name}.log`),
    readyUrl: `${serviceUrl(port)}/readyz`,
  });
  const { ports } = input;
  return [
    service("message", "message", ports.message, env.message),
    service("presence", "presence", ports.presence, env.presence),
    service("delivery", "delivery", ports.delivery, env.delivery),
    ...env.gateways.map((own, index) =>
      service("gateway", `gateway-${index + 1}`, ports.gateways[index] ?? 0, own),
    ),
  ];
}

/** Starts all of them at once: each waits for what it needs. */
export function startServices(plans: ServiceOptions[], say: Log): SupervisedService[] {
  return plans.map((plan) => superviseService(plan, say));
}

/** Gateways first, so that they can tell their clients to go elsewhere while everything behind them still works. */
export async function stopServices(services: SupervisedService[]): Promise<void> {
  const isGateway = ({ name }: SupervisedService) => name.startsWith("gateway");
  await Promise.all(services.filter(isGateway).map((service) => service.stop()));
  await Promise.all(services.filter((service) => !isGateway(service)).map((service) => service.stop()));
}
