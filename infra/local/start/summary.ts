import type { DemoAccount } from "../edge.ts";
import type { SupervisedService } from "./supervisor.ts";

interface Summary {
  url: string;
  accounts: DemoAccount[];
  services: SupervisedService[];
  stores: { flavour: string; source: string };
  logs: string;
  seconds: number;
}

/** What somebody needs who has just started Confab for the first time. */
export function formatSummary({ url, accounts, services, stores, logs, seconds }: Summary): string {
  const nameWidth = Math.max(...accounts.map(({ username }) => username.length), 8);
  const people = accounts.map(({ username, password, displayName }) => {
    return `    ${username.padEnd(nameWidth)}  ${password}  (${displayName})`;
  });
  const running = services.map(
    ({ name, process: { url: address, pid } }) => `    ${name.padEnd(10)}  ${address}  pid ${pid}`,
  );
  return [
    "",
    `  Confab is ready at ${url}   (${seconds.toFixed(1)} s)`,
    ...(people.length > 0 ? ["", "  Sign in as (name, password):", ...people] : []),
    "",
    "  Running behind that address:",
    ...running,
    `    stores      ${stores.flavour} (${stores.source})`,
    `    logs        ${logs}`,
    "",
    "  Ctrl-C stops all of it.",
    "",
  ].join("\n");
}
