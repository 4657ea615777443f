import { createPublisher } from "@confab/sdk/server";

/** For your services, in Node: any number of messages, each stored once however often this runs. */
export async function publishOrders(url: string, token: string, conversationId: string) {
  const publisher = createPublisher({ url, token });
  const outcomes = await publisher.publish(
    [
      { conversationId, body: "Order 4711 was shipped" },
      {
        conversationId,
        kind: "custom",
        schemaId: "order-state",
        metadata: { order: 4711, state: "shipped" },
      },
    ],
    { idempotencyKey: "order-4711-shipped" },
  );
  return outcomes.map((outcome) => ("error" in outcome ? outcome.error.code : outcome.seq));
}
