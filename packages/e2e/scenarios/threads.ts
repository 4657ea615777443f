import { until } from "@confab/testkit";
import { expect } from "vitest";
import { online, signUp } from "../people.ts";
import { openOn, shown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** A thread beside the conversation, from its beginner's eyes and from those of somebody who was away. */
export const threadsBeside: Scenario = async (cluster, cleanup) => {
  const [alice, bo, cem] = [
    await signUp(cluster, cleanup, "alice"),
    await signUp(cluster, cleanup, "bo"),
    await signUp(cluster, cleanup, "cem"),
  ];
  const [from, to, away] = [await online(alice, 0), await online(bo, 1), await online(cem, 2)];
  const id = await from.createGroup({ title: "Plans", memberIds: [bo.userId, cem.userId] });
  await openOn(from, id, cleanup);
  await openOn(away, id, cleanup);
  const root = await from.conversation(id).send({ body: "Where to?" }).delivered;
  await until(() => shown(away, id).some((message) => message.id === root.id));
  await away.disconnect();

  const thread = from.conversation(id).thread(root.id);
  cleanup.defer(thread.open());
  for (const body of ["Lisbon", "Porto"]) await to.conversation(id).thread(root.id).send({ body }).delivered;
  const replies = (chat: typeof from) =>
    chat
      .conversation(id)
      .thread(root.id)
      .view.getSnapshot()
      .items.map((message) => message.body);
  const unreadInThread = () => thread.view.getSnapshot().state?.unreadCount;
  await until(() => unreadInThread() === 2 && replies(from).join() === "Lisbon,Porto", {
    describe: () => `two replies: ${replies(from)}, unread ${unreadInThread()}`,
  });
  // The root says so in the conversation; the conversation's own count knows nothing of it.
  const countOf = (chat: typeof from) =>
    shown(chat, id).find((message) => message.id === root.id)?.thread?.replyCount;
  await until(() => countOf(from) === 2);
  const item = () => from.conversations.getSnapshot().items.find((one) => one.id === id);
  expect(item()?.unreadCount).toBe(0);
  const listed = async (chat: typeof from) =>
    (await chat.threads()).items.map(({ rootId, unreadCount }) => [rootId, unreadCount]);
  expect(await listed(from)).toEqual([[root.id, 2]]);
  expect(await listed(to)).toEqual([[root.id, 0]]);
  await thread.markRead(thread.view.getSnapshot().items.at(-1)?.seq ?? 0);
  expect(await listed(from)).toEqual([[root.id, 0]]);

  // Who was away has the root as it is now, and follows the thread once they are mentioned in it.
  away.connect();
  await until(() => countOf(away) === 2, {
    describe: () => `two replies for who was away: ${countOf(away)}`,
  });
  expect(await listed(away)).toEqual([]);
  const mention = { body: "And you?", mentions: [cem.userId] };
  const asked = await to.conversation(id).thread(root.id).send(mention).delivered;
  await until(async () => (await listed(away)).length === 1);
  expect(await listed(away)).toEqual([[root.id, 3]]);
  cleanup.defer(away.conversation(id).thread(root.id).open());
  await until(() => replies(away).length === 3);

  // An edit and a deletion reach the thread as they reach the conversation.
  await to.conversation(id).edit(asked.id, "And you, Cem?");
  await to.conversation(id).delete(thread.view.getSnapshot().items[0]?.id ?? "");
  await until(() => [from, away].every((chat) => replies(chat).join() === ",Porto,And you, Cem?"), {
    describe: () => `edited and deleted: ${replies(from)} | ${replies(away)}`,
  });
  await away.conversation(id).thread(root.id).unfollow();
  expect(await listed(away)).toEqual([]);
};
