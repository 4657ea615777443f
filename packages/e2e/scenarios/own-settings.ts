import { until } from "@confab/testkit";
import { expect } from "vitest";
import { online, signUp } from "../people.ts";
import type { Scenario } from "./index.ts";

/** What one person pins, mutes and archives is the same on their devices, and nothing to anybody else. */
export const ownSettings: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [from, phone, laptop] = [await online(alice, 0), await online(bo, 1), await online(bo, 2)];
  const old = await from.createGroup({ title: "Old", memberIds: [bo.userId] });
  const quiet = await from.createGroup({ title: "Quiet", memberIds: [bo.userId] });
  const fresh = await from.createGroup({ title: "Fresh", memberIds: [bo.userId] });
  const order = (chat = laptop) => chat.conversations.getSnapshot().items.map((item) => item.id);
  const become = async (wanted: string[]) => {
    for (const chat of [phone, laptop])
      await until(() => order(chat).join() === wanted.join(), {
        describe: () => `${wanted}: ${order(chat)}`,
      });
  };
  const personal = (id: string, chat = laptop) =>
    chat.conversations.getSnapshot().items.find((item) => item.id === id)?.personal;

  await become([fresh, quiet, old]);
  await phone.conversation(old).setPersonal({ pinned: true });
  await become([old, fresh, quiet]);

  // A device that is away finds all of it when it comes back.
  await laptop.disconnect();
  const mutedUntil = new Date(Date.now() + 3_600_000).toISOString();
  await phone.conversation(quiet).setPersonal({ mutedUntil });
  await phone.conversation(fresh).setPersonal({ archived: true });
  laptop.connect();
  await until(() => personal(quiet)?.mutedUntil === mutedUntil && personal(fresh)?.archivedAt != null, {
    describe: () => `muted and archived: ${JSON.stringify([personal(quiet), personal(fresh)])}`,
  });
  expect(order(from)).toEqual([fresh, quiet, old]);
  expect(personal(quiet, from)?.mutedUntil ?? null).toBe(null);
  expect(personal(old, from)?.pinnedAt ?? null).toBe(null);

  // While nobody of Bo's is connected, what is muted passes without a word and the rest is notified.
  await phone.disconnect();
  await laptop.disconnect();
  await from.conversation(quiet).send({ body: "psst" }).delivered;
  await from.conversation(old).send({ body: "hello?" }).delivered;
  const told = async () =>
    (
      await cluster.stores.query("SELECT conversation_id AS id FROM notifications WHERE user_id = ?", [
        bo.userId,
      ])
    ).map((row) => String(row.id));
  const passed = async () =>
    (
      await cluster.stores.query(
        "SELECT notified_seq AS seq FROM conversation_members WHERE user_id = ? AND conversation_id = ?",
        [bo.userId, quiet],
      )
    )[0]?.seq === 2;
  await until(async () => (await told()).includes(old) && (await passed()), { timeoutMs: 30_000 });
  expect(await told()).not.toContain(quiet);
};
