import { insertServiceToken, until } from "@confab/testkit";
import { expect } from "vitest";
import { address, online, signUp } from "../people.ts";
import { rest } from "../rest.ts";
import { openOn, untilShown } from "../timeline.ts";
import type { Scenario } from "./index.ts";

/** P2 and P8: a retried publication is one message, and whoever is away is notified of it once. */
export const publishByService: Scenario = async (cluster, cleanup) => {
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const device = await online(alice, 1);
  const id = await device.openDirect(bo.userId);
  await openOn(device, id, cleanup);

  const token = await insertServiceToken(cluster.stores, { name: "billing" });
  const publish = () =>
    rest(address(cluster, 0), token).post(
      "/v1/publish",
      {
        items: [
          { conversationId: id, kind: "text", body: "Your invoice is ready" },
          { conversationId: "9007199254740991", body: "nowhere" },
        ],
      },
      { "idempotency-key": `invoice-${id}` },
    );
  const [first, again] = [await publish(), await publish()];
  expect(first.body.results[0]).toMatchObject({ conversationId: id, seq: 1, duplicate: false });
  expect(first.body.results[1].error.code).toBe("not_found");
  expect(again.body.results[0]).toMatchObject({
    messageId: first.body.results[0].messageId,
    duplicate: true,
  });
  await untilShown(device, id, ["Your invoice is ready"]);

  const notified = () =>
    cluster.stores.prisma.notification.findMany({
      where: { userId: bo.userId, conversationId: BigInt(id) },
      select: { fromSeq: true, toSeq: true },
    });
  await until(async () => (await notified()).length > 0, {
    timeoutMs: 30_000,
    describe: () => "bo is notified",
  });
  expect(await notified()).toEqual([{ fromSeq: 1, toSeq: 1 }]);
};
