import { until } from "@confab/testkit";
import { expect } from "vitest";
import { online, signUp } from "../people.ts";
import { openOn, shown, untilShown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** Who moderates reads what a message said; other members do not, and a deletion ends it for all. */
export const versionsKept: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const [admin, member] = [await online(alice, 0), await online(bo, 1)];
  const id = await admin.createGroup({ title: "Rules", memberIds: [bo.userId] });
  await openOn(admin, id, cleanup);
  const sent = await member.conversation(id).send({ body: "first" }).delivered;
  for (const body of ["second", "third"]) await member.conversation(id).edit(sent.id, body);
  await untilShown(admin, id, ["third"]);
  const versions = async () => (await admin.conversation(id).edits(sent.id)).map((version) => version.body);
  expect(await versions()).toEqual(["first", "second", "third"]);
  await expect(member.conversation(id).edits(sent.id)).rejects.toMatchObject({ code: "forbidden" });
  await member.conversation(id).delete(sent.id);
  await until(() => shown(admin, id).some((message) => message.id === sent.id && message.deletedAt !== null));
  expect(await versions()).toEqual([]);

  const order = { total: 1250, lines: ["tea", "milk"] };
  await member.conversation(id).send({
    kind: "custom",
    schemaId: "shop.order/1",
    metadata: order,
    body: "An order of 12.50",
  }).delivered;
  await untilShown(admin, id, ["An order of 12.50"]);
  expect(shown(admin, id).at(-1)).toMatchObject({
    kind: "custom",
    schemaId: "shop.order/1",
    metadata: order,
  });
  const nameless = member.conversation(id).send({ kind: "custom", metadata: order });
  await expect(nameless.delivered).rejects.toMatchObject({ code: "invalid" });
};
