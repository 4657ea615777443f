import { until } from "@confab/testkit";
import { bareSocket } from "../bare-socket.ts";
import { online, signUp } from "../people.ts";
import type { Scenario } from "./index.ts";

/** P7, but for the crash of a gateway, which takes a process of its own: chaos/gateway.test.ts. */
export const presenceTransitions: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const watcher = await online(alice, 0);
  await watcher.openDirect(bo.userId);
  cleanup.defer(watcher.presence.watch([bo.userId]));
  const status = () => watcher.presence.of(bo.userId).getSnapshot()?.status;
  const becomes = (wanted: string) =>
    until(() => status() === wanted, { timeoutMs: 20_000, describe: () => `bo ${wanted}; is ${status()}` });

  await becomes("offline");
  const first = await bareSocket(cluster, bo, { gateway: 1, cleanup });
  await becomes("online");
  await first.emitWithAck("activity:set", { active: false });
  await becomes("idle");

  // A second device that is active makes the person online; without it they are idle again, not active.
  const second = await bareSocket(cluster, bo, { gateway: 2, cleanup, auth: { active: true } });
  await becomes("online");
  second.disconnect();
  await becomes("idle");

  await first.emitWithAck("activity:set", { active: true });
  await becomes("online");
  first.disconnect();
  await becomes("offline");
};
