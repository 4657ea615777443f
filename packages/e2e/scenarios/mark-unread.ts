import { until } from "@confab/testkit";
import { expect } from "vitest";
import { online, signUp } from "../people.ts";
import { openOn, shown, untilShown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** P6: a private mark; the watermark, and with it what the other person sees, stays where it is. */
export const markUnread: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [sender, phone, laptop] = [await online(alice, 0), await online(bo, 1), await online(bo, 2)];
  const id = await sender.openDirect(bo.userId);
  await openOn(sender, id, cleanup);
  for (const body of ["one", "two", "three"]) await sender.conversation(id).send({ body }).delivered;
  const unread = () =>
    [phone, laptop].map(
      (chat) => chat.conversations.getSnapshot().items.find((item) => item.id === id)?.unreadCount,
    );
  const become = (count: number) =>
    until(() => unread().every((one) => one === count), { describe: () => `unread ${count}: ${unread()}` });

  await become(3);
  const close = phone.conversation(id).open({ autoRead: true });
  await become(0);
  await until(() => shown(sender, id).every((message) => message.state === "read"));

  // Looking at it when it is marked does not end the mark; coming back does.
  await phone.conversation(id).markUnread(2);
  await become(2);
  await sender.conversation(id).send({ body: "four" }).delivered;
  await untilShown(phone, id, ["four"]);
  await become(3);
  close();
  const states = () => shown(sender, id).map((message) => message.state);
  await until(() => states().join() === "read,read,read,delivered", { describe: () => `${states()}` });
  cleanup.defer(laptop.conversation(id).open({ autoRead: true }));
  await become(0);
  await until(() => shown(sender, id).every((message) => message.state === "read"));

  await phone.conversation(id).markUnread(1);
  await become(4);
  await phone.markAllRead();
  await become(0);
  const [last] = shown(sender, id).slice(-1);
  const readers = await sender.conversation(id).readers(last?.id ?? "");
  expect(readers).toMatchObject({ readCount: 1, users: [{ id: bo.userId }] });
};
