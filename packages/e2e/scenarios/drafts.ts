import { until } from "@confab/testkit";
import { expect } from "vitest";
import { online, signUp } from "../people.ts";
import { untilShown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** What is typed follows a person over their devices, is lost to none of them, and is seen by nobody else. */
export const draftsFollow: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [phone, laptop, other] = [await online(alice, 0), await online(alice, 1), await online(bo, 2)];
  const id = await phone.openDirect(bo.userId);
  const text = (chat = laptop) => chat.conversation(id).draft().text.getSnapshot().body;
  const become = (wanted: string, ...chats: (typeof phone)[]) =>
    until(() => chats.every((chat) => text(chat) === wanted), {
      describe: () => `draft ${JSON.stringify(wanted)}: ${JSON.stringify(chats.map((chat) => text(chat)))}`,
    });

  phone.conversation(id).draft().set({ body: "Dear Bo" });
  await become("Dear Bo", phone, laptop);
  laptop.conversation(id).draft().set({ body: "Dear Bo, hello" });
  await become("Dear Bo, hello", phone, laptop);

  // Both write while one of them is away: neither text is lost.
  await laptop.disconnect();
  laptop.conversation(id).draft().set({ body: "from the train" });
  phone.conversation(id).draft().set({ body: "from the sofa" });
  const stored = async () =>
    (await cluster.stores.query("SELECT body FROM drafts WHERE user_id = ?", [alice.userId]))[0]?.body;
  await until(async () => (await stored()) === "from the sofa", { describe: "the phone has saved" });
  laptop.connect();
  await become("from the sofa\nfrom the train", phone, laptop);

  cleanup.defer(other.conversation(id).open());
  await laptop.conversation(id).send({ body: text() }).delivered;
  await become("", phone, laptop);
  await untilShown(other, id, ["from the sofa\nfrom the train"]);
  expect(text(other)).toBe("");
};
