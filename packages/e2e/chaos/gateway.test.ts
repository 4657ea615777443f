import { until } from "@confab/testkit";
import { describe, expect, it } from "vitest";
import { bareSocket } from "../bare-socket.ts";
import { online, signUp } from "../people.ts";
import { startLoad } from "./load.ts";
import { startProcessCluster } from "./process-cluster.ts";

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
  await Promise.all([crashedPeopleGoOffline(1), crashedPeopleGoOffline(3)]);
});

/** The watcher is at a gateway of its own, so that `gateways` of them are there for everybody else. */
async function crashedPeopleGoOffline(gateways: number): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const cluster = cleanup.use(await startProcessCluster({ gateways: gateways + 1 }));
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const device = await online(alice);
  await device.openDirect(bo.userId);
  const watcher = await bareSocket(cluster, alice, { gateway: gateways, cleanup });
  await bareSocket(cluster, bo, { gateway: 0, cleanup });
  const seen: string[] = [];
  watcher.on("presence:changed", ({ presences }) =>
    seen.push(...presences.map((item: { status: string }) => item.status)),
  );
  const { presences } = await watcher.emitWithAck("presence:watch", { userIds: [bo.userId] });
  expect(presences[0].status).toBe("online");

  await cluster.gateways[0]?.kill();
  await until(() => seen.at(-1) === "offline", { timeoutMs: 60_000, describe: () => `offline; saw ${seen}` });
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
