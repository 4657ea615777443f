import type { TimelineMessage } from "@confab/sdk";
import { expect, it } from "vitest";
import { embed } from "../sdk/examples/embed.ts";
import { startCluster } from "./cluster.ts";
import { signUp } from "./people.ts";

it("the README's ten lines put a conversation into a product", async () => {
  await using cleanup = new AsyncDisposableStack();
  const cluster = cleanup.use(await startCluster({ gateways: 1 }));
  const person = await signUp(cluster, cleanup, "customer");
  const shown: (readonly TimelineMessage[])[] = [];
  const messageId = await embed(cluster.addresses[0] as string, await person.token(), (items) =>
    shown.push(items),
  );
  expect(shown.at(-1)?.map((message) => message.body)).toContain("Where is my parcel?");
  const stored = await cluster.stores.prisma.message.findUniqueOrThrow({ where: { id: BigInt(messageId) } });
  expect(stored).toMatchObject({ body: "Where is my parcel?", senderId: person.userId });
});
