import { type ChatClient, createChatClient } from "@confab/sdk";
import { until } from "@confab/testkit";
import { expect } from "vitest";
import { address, online, signUp } from "../people.ts";
import type { Scenario } from "./index.ts";

/** What one deletes for oneself leaves every device of one's own, also one that was away, and nobody else's. */
export const deleteForMe: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [from, phone, laptop] = [await online(alice, 0), await online(bo, 1), await online(bo, 2)];
  const group = await from.createGroup({ title: "Room", memberIds: [bo.userId] });
  const direct = await from.openDirect(bo.userId);
  for (const id of [group, direct])
    for (const body of ["one", "two", "three"]) await from.conversation(id).send({ body }).delivered;

  const spoken = (chat: ChatClient, id: string) =>
    chat
      .conversation(id)
      .messages.getSnapshot()
      .items.filter(({ kind }) => kind !== "system");
  const shown = (chat: ChatClient, id: string) => {
    const item = chat.conversations.getSnapshot().items.find((one) => one.id === id);
    const bodies = spoken(chat, id).map(({ body }) => body);
    return [bodies.join(" "), item?.unreadCount, item?.lastMessage?.body ?? null];
  };
  const becomes = (chat: ChatClient, id: string, wanted: unknown[]) =>
    until(() => JSON.stringify(shown(chat, id)) === JSON.stringify(wanted), {
      describe: () => JSON.stringify({ wanted, shown: shown(chat, id) }),
    });
  const remove = (chat: ChatClient, id: string, body: string) =>
    chat.conversation(id).delete(spoken(chat, id).find((one) => one.body === body)?.id ?? "", "me");
  for (const id of [group, direct]) {
    for (const chat of [phone, laptop]) {
      cleanup.defer(chat.conversation(id).open());
      await becomes(chat, id, ["one two three", 3, "three"]);
    }
    cleanup.defer(from.conversation(id).open());
    await becomes(from, id, ["one two three", 0, "three"]);

    await remove(phone, id, "two");
    for (const chat of [phone, laptop]) await becomes(chat, id, ["one three", 2, "three"]);
  }

  // The laptop is away when the rest goes, and what was there before it comes back stays gone.
  await laptop.disconnect();
  for (const id of [group, direct]) {
    await remove(phone, id, "three");
    await becomes(phone, id, ["one", 1, null]);
  }
  await phone.conversation(group).delete(spoken(phone, group)[0]?.id ?? "", "me");
  await from.conversation(group).edit(spoken(from, group)[2]?.id ?? "", "three, again");
  laptop.connect();
  for (const chat of [phone, laptop]) {
    await becomes(chat, group, ["", 0, null]);
    await becomes(chat, direct, ["one", 1, null]);
  }

  // One more device, which never saw any of it, agrees; so does Alice, for whom nothing happened.
  const fresh = createChatClient({ url: address(cluster, 0), getToken: bo.token });
  cleanup.defer(() => fresh.disconnect());
  fresh.connect();
  for (const id of [group, direct]) {
    cleanup.defer(fresh.conversation(id).open());
    await becomes(fresh, id, shown(laptop, id));
  }
  expect(shown(from, direct)).toEqual(["one two three", 0, "three"]);
  expect(shown(from, group)).toEqual(["one two three, again", 0, "three, again"]);

  await from.conversation(direct).send({ body: "four" }).delivered;
  for (const chat of [phone, laptop, fresh]) await becomes(chat, direct, ["one four", 2, "four"]);
};
