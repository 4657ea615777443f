import { until } from "@confab/testkit";
import { online, signUp } from "../people.ts";
import { openOn, shown, untilShown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** P6: one watermark per person, whichever device moved it. */
export const readState: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const sender = await online(alice, 0);
  const devices = await Promise.all([0, 1, 2].map((gateway) => online(bo, gateway)));
  const id = await sender.openDirect(bo.userId);
  await openOn(sender, id, cleanup);

  for (const body of ["one", "two", "three"]) await sender.conversation(id).send({ body }).delivered;
  const unread = () =>
    devices.map((chat) => chat.conversations.getSnapshot().items.find((item) => item.id === id)?.unreadCount);
  await until(() => unread().every((count) => count === 3), {
    describe: () => `unread everywhere: ${unread()}`,
  });
  await until(() => shown(sender, id).every((message) => message.state === "delivered"), {
    describe: () => `delivered: ${shown(sender, id).map((message) => message.state)}`,
  });

  const [first] = devices;
  if (!first) throw new Error("no device");
  await openOn(first, id, cleanup);
  await untilShown(first, id, ["one", "two", "three"]);
  first.conversation(id).markRead(3);
  await until(() => unread().every((count) => count === 0), {
    describe: () => `read everywhere: ${unread()}`,
  });
  await until(() => shown(sender, id).every((message) => message.state === "read"), {
    describe: () => `seen by the sender: ${shown(sender, id).map((message) => message.state)}`,
  });
};
