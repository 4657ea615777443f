import { insertConversation, insertServiceToken, insertUsers } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Place } from "./harness.ts";

let place: Place;
let service: MessageService;
let ann: string;
let ben: string;
let eve: string;
let room: string;

beforeAll(async () => {
  place = await createPlace();
  service = await place.start({
    MESSAGE_RATE_LIMITS: JSON.stringify({ publish: { burst: 500, perSecond: 1 } }),
  });
  [ann, ben, eve] = (await insertUsers(place.stores, 3)) as [string, string, string];
  room = await insertConversation(place.stores, { kind: "group", memberIds: [ann, ben] });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

type Scope = { conversations: string[]; kinds: string[]; onBehalfOf: boolean };
const ALL: Scope = { conversations: ["*"], kinds: ["*"], onBehalfOf: false };
const tokenFor = (publish: Scope | null) =>
  insertServiceToken(place.stores, { name: "deploys", scopes: publish ? { publish: { ...publish } } : {} });
async function publish(token: string, items: object[], key?: string) {
  const headers: Record<string, string> = key === undefined ? {} : { "idempotency-key": key };
  return service.call("POST", "/v1/publish", { token, body: { items }, headers });
}
const outcomesOf = (body: { results: { error?: { reason: string }; seq?: number }[] }) =>
  body.results.map((result) => result.error?.reason ?? result.seq);

describe("publishing", () => {
  it("stores items in their order, once for each key, and answers item by item", async () => {
    const token = await tokenFor(ALL);
    const device = await place.gateway.connect(ann, [room]);
    const items = [
      { conversationId: room, body: "deployed v1" },
      { conversationId: "99999999", body: "nowhere" },
      { conversationId: room, kind: "custom", schemaId: "ci.build/1", metadata: { build: 7 } },
      { to: "nobody", body: "hello?" },
      { conversationId: room, kind: "system", body: "The build is green." },
    ];
    const first = await publish(token, items, "deploy-1");
    expect(first.status).toBe(200);
    expect(outcomesOf(first.body)).toEqual([1, "conversation", 2, "user", 3]);
    expect(first.body.results[0]).toMatchObject({ conversationId: room, duplicate: false });
    const repeat = await publish(token, items, "deploy-1");
    expect(repeat.body.results[0]).toEqual({ ...first.body.results[0], duplicate: true });
    expect(outcomesOf(repeat.body)).toEqual([1, "conversation", 2, "user", 3]);
    expect(outcomesOf((await publish(token, items.slice(0, 1), "deploy-2")).body)).toEqual([4]);
    await device.next("message:created", (message) => message.seq === 4);
    expect(device.all("message:created").map(({ seq, kind }) => [seq, kind])).toEqual([
      [1, "text"],
      [2, "custom"],
      [3, "system"],
      [4, "text"],
    ]);
    const rows = await place.stores.query(
      "SELECT DISTINCT u.kind FROM messages m JOIN users u ON u.id = m.sender_id WHERE m.conversation_id = ?",
      [room],
    );
    expect(rows).toEqual([{ kind: "service" }]);
  });

  it("opens a direct conversation between the service and a person", async () => {
    const token = await tokenFor(ALL);
    const items = [1, 2, 3].map((n) => ({
      to: ben,
      body: `ping ${n}`,
      clientMessageId: crypto.randomUUID(),
    }));
    const { body } = await publish(token, items);
    expect(outcomesOf(body)).toEqual([1, 2, 3]);
    expect(
      new Set(body.results.map((result: { conversationId: string }) => result.conversationId)).size,
    ).toBe(1);
  });

  it("goes no further than the token's scopes", async () => {
    const elsewhere = await insertConversation(place.stores, { kind: "group", memberIds: [ann] });
    const token = await tokenFor({ conversations: [room], kinds: ["text"], onBehalfOf: false });
    const { body } = await publish(token, [
      { conversationId: room, body: "allowed" },
      { conversationId: elsewhere, body: "other room" },
      { to: ann, body: "a person" },
      { conversationId: room, kind: "system", body: "other kind" },
      { conversationId: room, senderId: ann, body: "as Ann" },
    ]);
    expect(outcomesOf(body)).toEqual([
      expect.any(Number),
      "scope_conversation",
      "scope_conversation",
      "scope_kind",
      "scope_on_behalf_of",
    ]);
    expect((await publish(await tokenFor(null), [{ conversationId: room, body: "x" }])).body).toMatchObject({
      status: 403,
      code: "forbidden",
      reason: "scope",
    });
  });

  it("speaks for people only where they are themselves, and never with a system's voice", async () => {
    const token = await tokenFor({ ...ALL, onBehalfOf: true });
    const { body } = await publish(token, [
      { conversationId: room, senderId: ben, body: "Ben, by way of a form" },
      { conversationId: room, senderId: eve, body: "Eve is not here" },
      { conversationId: room, senderId: ben, kind: "system", body: "x" },
      { to: eve, senderId: ben, body: "Ben to Eve" },
    ]);
    expect(outcomesOf(body)).toEqual([expect.any(Number), "conversation", "system_sender", 1]);
    const [row] = await place.stores.query("SELECT sender_id FROM messages WHERE id = ?", [
      body.results[0].messageId,
    ]);
    expect(row).toEqual({ sender_id: ben });
  });

  it("counts items against the token's limit, and takes no person's token", async () => {
    const token = await tokenFor(ALL);
    const items = Array.from({ length: 100 }, () => ({ conversationId: room, body: "x" }));
    for (let n = 0; n < 5; n++) expect((await publish(token, items)).status).toBe(200);
    const refused = await publish(token, items);
    expect(refused).toMatchObject({ status: 429, body: { code: "rate_limited" } });
    expect(refused.body.retryAfterMs).toBeGreaterThan(0);
    expect((await publish(await tokenFor(ALL), [...items, ...items])).status).toBe(400);
    expect((await publish("cfs_0000000000000000_wrong", items)).status).toBe(401);
  });
});
