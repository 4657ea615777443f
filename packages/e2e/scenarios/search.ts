import { until } from "@confab/testkit";
import { expect } from "vitest";
import { online, signUp } from "../people.ts";
import { bodies, openOn } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** Both people find what they may see, as it reads now; somebody else finds nothing. */
export const searchFinds: Scenario = async (cluster, cleanup) => {
  const [alice, bo, eve] = [
    await signUp(cluster, cleanup, "alice"),
    await signUp(cluster, cleanup, "bo"),
    await signUp(cluster, cleanup, "eve"),
  ];
  const [from, to, stranger] = [await online(alice, 0), await online(bo, 1), await online(eve, 2)];
  const id = await from.openDirect(bo.userId);
  const say = (body: string) => from.conversation(id).send({ body }).delivered;
  const ship = await say("Let us ship the harbour release 🚀");
  const dinner = await say("我们明天见面吃饭");
  for (let n = 0; n < 120; n++) void say(`filler ${n}`);
  await say("the end");
  const found = async (chat: typeof from, query: string) =>
    (await chat.search(query, { conversationId: id })).items.map((hit) => hit.message.body);
  const finds = (query: string, wanted: (string | null)[]) =>
    until(async () => JSON.stringify(await found(to, query)) === JSON.stringify(wanted), {
      describe: () => `${query} finds ${JSON.stringify(wanted)}`,
    });

  await finds("harb ship", [ship.body]);
  await finds("🚀", [ship.body]);
  await finds("明天", [dinner.body]);
  expect((await stranger.search("harbour")).items).toEqual([]);
  await expect(found(stranger, "harbour")).rejects.toMatchObject({ code: "not_found" });

  // From the hit to its place in the log.
  await openOn(to, id, cleanup);
  const [hit] = (await to.search("harbour")).items;
  expect(bodies(to, id)).not.toContain(ship.body);
  await to.conversation(id).jumpTo({ seq: hit?.message.seq ?? 0 });
  expect(bodies(to, id)).toContain(ship.body);
  const marked = hit?.highlights.map(({ start, length }) => hit.message.body?.slice(start, start + length));
  expect(marked).toEqual(["harbour"]);

  await from.conversation(id).edit(ship.id, "Let us ship the marina release");
  await from.conversation(id).delete(dinner.id);
  expect(await found(to, "harbour")).toEqual([]);
  expect(await found(to, "明天")).toEqual([]);
  await finds("marina", ["Let us ship the marina release"]);
};
