import { insertMessages, until } from "@confab/testkit";
import { expect } from "vitest";
import { online, signUp } from "../people.ts";
import { openOn, shown, untilShown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

const MISSED = 5000;

/** P4: the same device, exact again, however long it was away. */
export const offlineReturn: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [from, device] = [await online(alice, 0), await online(bo, 1)];
  const id = await from.openDirect(bo.userId);
  await openOn(device, id, cleanup);
  await from.conversation(id).send({ body: "before" }).delivered;
  await untilShown(device, id, ["before"]);

  await device.disconnect();
  await insertMessages(cluster.stores, { conversationId: id, senderId: alice.userId, count: MISSED });
  await from.conversation(id).send({ body: "after" }).delivered;
  device.connect();

  await until(() => shown(device, id).at(-1)?.body === "after", {
    timeoutMs: 30_000,
    describe: () =>
      `the newest message; shown: ${shown(device, id).length}, ${shown(device, id).at(-1)?.body}`,
  });
  const seqs = shown(device, id).map((message) => message.seq);
  const last = MISSED + 2;
  const firstShown = seqs[0] ?? 0;
  expect(seqs).toEqual(Array.from({ length: last - firstShown + 1 }, (_, index) => firstShown + index));
};
