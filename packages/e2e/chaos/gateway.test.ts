import { until } from "@confab/testkit";
import { describe, it } from "vitest";
import { bareSocket } from "../bare-socket.ts";
import { online, signUp } from "../people.ts";
import { startLoad } from "./load.ts";
import { type ProcessCluster, startProcessCluster } from "./process-cluster.ts";

describe.each([1, 3])("with %i gateway(s)", (gateways) => {
  it("a gateway that is killed under load loses nothing that was acknowledged", async () => {
    await using cleanup = new AsyncDisposableStack();
    const cluster = cleanup.use(await startProcessCluster({ gateways }));
    const load = await startLoad(cluster, cleanup, { people: 6, seed: gateways });
    for (const _round of [1, 2]) {
      await load.progress(50);
      await cluster.gateways[0]?.kill();
      if (gateways > 1) await load.progress(20);
      await cluster.gateways[0]?.start();
    }
    await load.progress(50);
    await load.finish();
  });
});

it("people of a gateway that is killed are offline within a minute, beside none and beside two others", async () => {
  await using cleanup = new AsyncDisposableStack();
  // One after the other: each has taken its ports when the next looks for free ones.
  const few = cleanup.use(await startProcessCluster({ gateways: 2 }));
  const many = cleanup.use(await startProcessCluster({ gateways: 4 }));
  await Promise.all([few, many].map(crashedPeopleGoOffline));
});

/** The watcher is at a gateway of its own, the last, so that the others are there for everybody else. */
async function crashedPeopleGoOffline(cluster: ProcessCluster): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const gateway = cluster.gateways.length - 1;
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const device = await online(alice);
  await device.openDirect(bo.userId);
  const watcher = await bareSocket(cluster, alice, { gateway, cleanup });
  await bareSocket(cluster, bo, { gateway: 0, cleanup });
  const seen: string[] = [];
  watcher.on("presence:changed", ({ presences }) =>
    seen.push(...presences.map((item: { status: string }) => item.status)),
  );
  const watch = () => watcher.emitWithAck("presence:watch", { userIds: [bo.userId] });
  // Nobody who connects waits for the presence service to hear of it.
  await until(async () => (await watch()).presences[0].status === "online");

  await cluster.gateways[0]?.kill();
  // A quarter of it more, for a machine that is busy.
  await until(() => seen.at(-1) === "offline", { timeoutMs: 75_000, describe: () => `offline; saw ${seen}` });
}

it("a device that reconnects every second misses nothing", async () => {
  await using cleanup = new AsyncDisposableStack();
  const cluster = cleanup.use(await startProcessCluster({ gateways: 2 }));
  const load = await startLoad(cluster, cleanup, { people: 4, seed: 4 });
  const [flapping] = load.people;
  for (let round = 0; round < 10; round++) {
    await flapping?.chat.disconnect();
    flapping?.chat.connect();
    await load.progress(15);
  }
  await load.finish();
});
