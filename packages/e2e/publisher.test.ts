/** `@confab/sdk/server` against the whole: P2 also where the wire fails. */
import { createPublisher, type Publication } from "@confab/sdk/server";
import { createCut, insertServiceToken, until } from "@confab/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Cluster, startCluster } from "./cluster.ts";
import { address, online, signUp } from "./people.ts";
import { openOn, shown } from "./timeline.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster({ gateways: 2 });
});
afterAll(() => cluster?.[Symbol.asyncDispose]());

const orders = (conversationId: string, count: number): Publication[] =>
  Array.from({ length: count }, (_, n) => ({ conversationId, body: `order ${n}`, metadata: { n } }));

it("publishes 250 messages once and in order, though the wire is cut on the way", async () => {
  await using cleanup = new AsyncDisposableStack();
  const alice = await signUp(cluster, cleanup, "alice");
  const device = await online(alice, 1);
  const id = await device.createGroup({ title: "Orders", memberIds: [] });
  await openOn(device, id, cleanup);
  const token = await insertServiceToken(cluster.stores, { name: "orders" });
  const wire = cleanup.use(await createCut(cluster.messageUrl));
  const publisher = createPublisher({ url: wire.url, token: () => token });

  const publishing = publisher.publish(orders(id, 250), { idempotencyKey: "orders-1" });
  await until(() => shown(device, id).length > 50, { everyMs: 1, describe: "the first batch is there" });
  await wire.cut();
  await wire.heal();
  const outcomes = await publishing;
  expect(outcomes.map((outcome) => ("seq" in outcome ? outcome.seq : outcome.error))).toEqual(
    Array.from({ length: 250 }, (_, n) => n + 2),
  );
  const again = await createPublisher({ url: address(cluster, 0), token }).publish(orders(id, 250), {
    idempotencyKey: "orders-1",
  });
  const ids = (list: typeof outcomes) => list.map((outcome) => "messageId" in outcome && outcome.messageId);
  expect(ids(again)).toEqual(ids(outcomes));
  await until(() => shown(device, id).at(-1)?.body === "order 249", {
    describe: "the device has the last one",
  });
  expect(
    await cluster.stores.prisma.message.count({ where: { conversationId: BigInt(id), kind: "text" } }),
  ).toBe(250);
});

it("speaks for people where its token may, and is refused item by item where it may not", async () => {
  await using cleanup = new AsyncDisposableStack();
  const [alice, bo] = [await signUp(cluster, cleanup, "alice"), await signUp(cluster, cleanup, "bo")];
  const device = await online(bo, 0);
  const id = await device.openDirect(alice.userId);
  const publish = async (onBehalfOf: boolean, items: Publication[]) => {
    const scopes = { publish: { conversations: ["*"], kinds: ["text"], onBehalfOf } };
    const token = await insertServiceToken(cluster.stores, { name: "crm", scopes });
    return createPublisher({ url: address(cluster, 0), token }).publish(items);
  };
  const forAlice: Publication = { conversationId: id, senderId: alice.userId, body: "from my phone" };
  const [sent, system, nowhere] = await publish(true, [
    forAlice,
    { conversationId: id, kind: "system", body: "x" },
    { conversationId: "9007199254740991", body: "x" },
  ]);
  expect(sent).toMatchObject({ conversationId: id, duplicate: false });
  expect(system).toMatchObject({ error: { code: "forbidden", reason: "scope_kind" } });
  expect(nowhere).toMatchObject({ error: { code: "not_found" } });
  expect(await publish(false, [forAlice])).toMatchObject([
    { error: { code: "forbidden", reason: "scope_on_behalf_of" } },
  ]);
  await openOn(device, id, cleanup);
  await until(() =>
    shown(device, id).some(({ body, senderId }) => body === "from my phone" && senderId === alice.userId),
  );
});

it("says that a token is no good", async () => {
  const publisher = createPublisher({ url: address(cluster, 0), token: "cfs_0000000000000000_no" });
  await expect(publisher.publish([{ to: "x", body: "hi" }])).rejects.toMatchObject({
    code: "unauthenticated",
  });
});
