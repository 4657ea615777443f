import { until } from "@confab/testkit";
import { expect } from "vitest";
import { online, signUp } from "../people.ts";
import type { Scenario } from "./index.ts";

/** What somebody says of themselves reaches those who may see it, and ends; and nobody is disturbed who asked not to be. */
export const statusAndPrivacy: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const stranger = await signUp(cluster, cleanup, "stranger");
  const [phone, laptop] = [await online(bo, 0), await online(bo, 1)];
  const [friend, other] = [await online(alice, 1), await online(stranger, 2)];
  const id = await friend.openDirect(bo.userId);
  for (const chat of [friend, other]) cleanup.defer(chat.presence.watch([bo.userId]));
  const seenBy = (chat: typeof friend) => chat.presence.of(bo.userId).getSnapshot();
  const shows = (text: string | null) =>
    until(() => (seenBy(friend)?.custom?.text ?? null) === text, {
      timeoutMs: 20_000,
      describe: () => `${text}; the friend sees ${JSON.stringify(seenBy(friend))}`,
    });
  await until(() => seenBy(friend)?.status === "online", { describe: "bo is online to the friend" });

  const lunch = (ms: number) =>
    phone.setStatus({ text: "At lunch", emoji: "🍜", expiresAt: new Date(Date.now() + ms).toISOString() });
  await lunch(3_600_000);
  await shows("At lunch");
  await until(() => laptop.me.getSnapshot()?.status?.emoji === "🍜", { describe: "bo's other device knows" });
  // Its end is moved up only now: on a machine that stands still for seconds nobody would have seen it.
  await lunch(1000);
  await shows(null);
  expect(seenBy(friend)).toMatchObject({ status: "online", custom: null });
  expect(seenBy(other)).toBeNull();

  await phone.updateMe({ presencePrivacy: "nobody" });
  await until(() => seenBy(friend)?.status === "offline", { describe: "bo is hidden from the friend" });
  expect(seenBy(friend)).toMatchObject({ lastSeenAt: null, custom: null });
  expect((await friend.request("getPresences", { query: { userIds: bo.userId } })).presences).toEqual([]);

  await laptop.setStatus({ dndUntil: new Date(Date.now() + 60_000).toISOString() });
  await Promise.all([phone.disconnect(), laptop.disconnect()]);
  await friend.conversation(id).send({ body: "are you there?" }).delivered;
  const member = () =>
    cluster.stores.prisma.conversationMember.findUniqueOrThrow({
      where: { conversationId_userId: { conversationId: BigInt(id), userId: bo.userId } },
    });
  await until(async () => (await member()).notifiedSeq === 1, {
    timeoutMs: 20_000,
    describe: "the delivery has been decided",
  });
  expect(await cluster.stores.prisma.notification.count({ where: { userId: bo.userId } })).toBe(0);
};
