import type { HistoryPage } from "@confab/contract";
import { insertConversation, insertMessages } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";

let place: Place;
let service: MessageService;
let ann: Person;
let ben: Person;
let eve: Person;
let conversationId: string;

beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  [ann, ben, eve] = [await service.person(), await service.person(), await service.person()];
  conversationId = await insertConversation(place.stores, { kind: "group", memberIds: [ann.id, ben.id] });
  await insertMessages(place.stores, { conversationId, senderId: ann.id, count: 300 });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const pathOf = (id: string, query: string) => `/v1/conversations/${id}/messages${query}`;
async function page(query: string, who = ben): Promise<{ seqs: number[]; older: boolean; newer: boolean }> {
  const { status, body } = await who.get(pathOf(conversationId, query));
  expect(status).toBe(200);
  const { items, hasOlder, hasNewer } = body as HistoryPage;
  return { seqs: items.map((message) => message.seq), older: hasOlder, newer: hasNewer };
}
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a page of history", () => {
  it("is the newest one without a position, and goes both ways from one", async () => {
    expect(await page("")).toEqual({ seqs: range(251, 300), older: true, newer: false });
    expect(await page("?before=251&limit=100")).toEqual({ seqs: range(151, 250), older: true, newer: true });
    expect(await page("?before=4")).toEqual({ seqs: [1, 2, 3], older: false, newer: true });
    expect(await page("?before=1")).toEqual({ seqs: [], older: false, newer: true });
    expect(await page("?after=0&limit=3")).toEqual({ seqs: [1, 2, 3], older: false, newer: true });
    expect(await page("?after=297")).toEqual({ seqs: [298, 299, 300], older: true, newer: false });
    expect(await page("?after=300")).toEqual({ seqs: [], older: true, newer: false });
    expect(await page("?before=9999&limit=2")).toEqual({ seqs: [299, 300], older: true, newer: false });
  });

  it("is as full around a position as the conversation allows", async () => {
    expect(await page("?around=100&limit=10")).toEqual({ seqs: range(96, 105), older: true, newer: true });
    expect(await page("?around=299&limit=10")).toEqual({ seqs: range(291, 300), older: true, newer: false });
    expect((await page("?around=1&limit=10")).seqs).toContain(1);
    expect((await page("?around=1&limit=1")).seqs).toEqual([1]);
  });

  it("refuses nonsense and strangers", async () => {
    for (const query of [
      "?before=1&after=2",
      "?limit=0",
      "?limit=101",
      "?before=x",
      "?before=-1",
      "?offset=3",
    ]) {
      expect((await ben.get(pathOf(conversationId, query))).status).toBe(400);
    }
    expect((await eve.get(pathOf(conversationId, ""))).body).toMatchObject({
      status: 404,
      code: "not_found",
    });
    expect((await ben.get(pathOf("999999", ""))).body).toMatchObject({ status: 404, code: "not_found" });
  });

  it("leaves out what the reader hid, and still ends", async () => {
    const hidden = await insertConversation(place.stores, { kind: "group", memberIds: [ann.id, ben.id] });
    const ids = await insertMessages(place.stores, { conversationId: hidden, senderId: ann.id, count: 5 });
    for (const id of [ids[0], ids[4]]) await ben.delete(`/v1/messages/${id}?scope=me`);
    const seen = (await ben.get(pathOf(hidden, ""))).body as HistoryPage;
    expect(seen.items.map((message) => message.seq)).toEqual([2, 3, 4]);
    const older = (await ben.get(pathOf(hidden, "?before=2"))).body as HistoryPage;
    expect(older).toEqual({ items: [], hasOlder: false, hasNewer: true });
    expect(((await ann.get(pathOf(hidden, ""))).body as HistoryPage).items).toHaveLength(5);
  });
});

describe("REST", () => {
  it("sends, and repeats harmlessly under either kind of key", async () => {
    const id = await insertConversation(place.stores, { kind: "group", memberIds: [ann.id, ben.id] });
    const path = pathOf(id, "");
    const send = (body: object, key?: string) =>
      service.call("POST", path, {
        token: ann.accessToken,
        body,
        ...(key && { headers: { "idempotency-key": key } }),
      });
    const first = await send({ body: "hi" }, "order-77");
    expect(first).toMatchObject({ status: 201, body: { duplicate: false, message: { seq: 1, body: "hi" } } });
    expect(await send({ body: "hi" }, "order-77")).toMatchObject({
      body: { duplicate: true, message: { seq: 1 } },
    });
    expect(await send({ body: "other" }, "order-77")).toMatchObject({
      status: 409,
      body: { code: "conflict" },
    });
    const clientMessageId = crypto.randomUUID();
    await send({ body: "two", clientMessageId }, "order-77");
    expect(await send({ body: "two", clientMessageId })).toMatchObject({
      body: { duplicate: true, message: { seq: 2, clientMessageId } },
    });
    expect(await send({ body: "  " })).toMatchObject({ status: 400 });
    expect(await send({ body: "é".repeat(8193) })).toMatchObject({
      status: 413,
      body: { code: "too_large" },
    });
    expect((await eve.post(path, { body: "hi" })).status).toBe(404);
  });

  it("edits, reacts, pins and deletes", async () => {
    const id = await insertConversation(place.stores, { kind: "group", memberIds: [ann.id, ben.id] });
    const { message } = (await ann.post(pathOf(id, ""), { body: "hi" })).body;
    const path = `/v1/messages/${message.id}`;
    expect(await ann.patch(path, { body: "ho" })).toMatchObject({
      status: 200,
      body: { body: "ho", revision: 3 },
    });
    const emoji = encodeURIComponent("👍");
    expect((await ben.put(`${path}/reactions/${emoji}`)).body.reactions).toMatchObject([
      { emoji: "👍", mine: true },
    ]);
    expect((await ben.delete(`${path}/reactions/${emoji}`)).body.reactions).toEqual([]);
    expect((await ben.put(`${path}/pin`)).body.pinnedAt).not.toBeNull();
    expect((await ben.delete(`${path}/pin`)).body.pinnedAt).toBeNull();
    expect((await ben.delete(path)).status).toBe(403);
    expect((await ann.delete(path)).status).toBe(204);
    expect((await ann.get(pathOf(id, ""))).body.items).toMatchObject([{ body: null, seq: 1, revision: 8 }]);
  });
});
