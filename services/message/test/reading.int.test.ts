import { insertConversation, insertMessages, insertUser, insertUsers } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";
import { type Talk, talkTo } from "./talk.ts";

let place: Place;
let service: MessageService;
let talk: Talk;
let ann: Person;
let ben: Person;
let eve: Person;

beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  talk = talkTo(service);
  [ann, ben, eve] = [await service.person(), await service.person(), await service.person()];
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** A group of Ann and Ben in which Ann has said so much. */
async function groupWith(count: number): Promise<string> {
  const conversationId = await insertConversation(place.stores, {
    kind: "group",
    memberIds: [ann.id, ben.id],
  });
  if (count > 0) await insertMessages(place.stores, { conversationId, senderId: ann.id, count });
  return conversationId;
}
const summaryOf = async (person: Person, id: string) => (await person.get(`/v1/conversations/${id}`)).body;
const unreadOf = async (person: Person, id: string) => (await summaryOf(person, id)).unreadCount;
const read = (person: Person, conversationId: string, readSeq: number) =>
  talk.mark({ userId: person.id, conversationId, readSeq });
const refusal = ({ status, body }: { status: number; body: { reason: string } }) => [status, body.reason];

describe("marking unread", () => {
  it("counts again from there, moves no watermark, and tells nobody else", async () => {
    const id = await groupWith(6);
    await read(ben, id, 6);
    const [bens, anns] = [await place.gateway.connect(ben.id), await place.gateway.connect(ann.id, [id])];
    const { body } = await ben.post(`/v1/conversations/${id}/unread`, { seq: 4 });
    expect(body).toMatchObject({ conversationId: id, unreadFromSeq: 4 });
    expect(await summaryOf(ben, id)).toMatchObject({ unreadCount: 3, personal: body });
    await bens.next("personal:updated", ({ state }) => state.unreadFromSeq === 4);
    const seen = (await summaryOf(ann, id)).members.find(
      (member: { userId: string }) => member.userId === ben.id,
    );
    expect(seen).toMatchObject({ deliveredSeq: 6, readSeq: 6 });
    await talk.send({ from: ann.id, conversationId: id, body: "the end" });
    await anns.next("message:created", (message) => message.body === "the end");
    expect(anns.heard.map(({ event }) => event)).toEqual(["joined", "message:created"]);
  });

  it("ends with reading, also where the watermark was there already, and not with an older mark", async () => {
    const id = await groupWith(6);
    await read(ben, id, 6);
    await talk.command(ben.id, { name: "receipt:unread", payload: { conversationId: id, seq: 4 } });
    await read(ben, id, 3);
    expect(await unreadOf(ben, id)).toBe(3);
    const device = await place.gateway.connect(ben.id);
    await read(ben, id, 6);
    const { state } = await device.next("personal:updated");
    expect(state.unreadFromSeq).toBe(null);
    expect(await unreadOf(ben, id)).toBe(0);
  });

  it("is not for those who are not in the conversation, and stays within it", async () => {
    const id = await groupWith(2);
    expect(refusal(await eve.post(`/v1/conversations/${id}/unread`, { seq: 1 }))).toEqual([
      404,
      "conversation",
    ]);
    expect((await ben.post(`/v1/conversations/${id}/unread`, { seq: 0 })).status).toBe(400);
    expect((await ben.post(`/v1/conversations/${id}/unread`, { seq: 99 })).body.unreadFromSeq).toBe(2);
  });
});

describe("marking read", () => {
  it("goes up to a message", async () => {
    const id = await groupWith(5);
    const [, , third] = (await ben.get(`/v1/conversations/${id}/messages`)).body.items;
    const { body } = await ben.post(`/v1/messages/${third.id}/read`);
    expect(body).toEqual({ conversationId: id, userId: ben.id, deliveredSeq: 3, readSeq: 3 });
    expect(await unreadOf(ben, id)).toBe(2);
    expect(refusal(await eve.post(`/v1/messages/${third.id}/read`))).toEqual([404, "message"]);
    expect(refusal(await eve.post("/v1/messages/999999999/read"))).toEqual([404, "message"]);
  });

  it("takes in everything: conversations, threads and what was marked unread", async () => {
    const reader = await service.person();
    const rooms = await Promise.all(
      Array.from({ length: 300 }, () =>
        insertConversation(place.stores, { kind: "group", memberIds: [ann.id, reader.id] }),
      ),
    );
    const [first, second, quiet] = rooms as [string, string, string];
    for (const id of rooms.slice(3))
      await insertMessages(place.stores, { conversationId: id, senderId: ann.id, count: 1 });
    const { message: root } = await talk.send({ from: reader.id, conversationId: first });
    await talk.send({ from: ann.id, conversationId: first, threadRootId: root.id });
    await talk.send({ from: ann.id, conversationId: second });
    await read(reader, second, 1);
    await reader.post(`/v1/conversations/${second}/unread`, { seq: 1 });
    expect((await reader.get("/v1/threads")).body.items).toMatchObject([{ unreadCount: 1 }]);
    expect((await reader.post("/v1/receipts/read-all")).body).toEqual({ conversations: 299 });
    for (const id of [first, second, quiet, rooms.at(-1) as string])
      expect(await unreadOf(reader, id)).toBe(0);
    expect((await reader.get("/v1/threads")).body.items).toMatchObject([{ unreadCount: 0 }]);
    expect((await reader.post("/v1/receipts/read-all")).body).toEqual({ conversations: 0 });
  });
});

describe("who has seen a message", () => {
  const readersOf = async (person: Person, id: string) =>
    (await person.get(`/v1/messages/${id}/readers`)).body;

  it("are people other than its sender whose watermark reached it, and who were there", async () => {
    const bot = await insertUser(place.stores, { kind: "bot" });
    const [cid, dan] = (await insertUsers(place.stores, 2)) as [string, string];
    const id = await insertConversation(place.stores, {
      kind: "group",
      memberIds: [ann.id, ben.id, bot, cid],
    });
    const { message } = await talk.send({ from: ann.id, conversationId: id });
    expect(await readersOf(ann, message.id)).toEqual({ readCount: 0, deliveredCount: 0, users: [] });
    await talk.mark(
      { userId: ben.id, conversationId: id, readSeq: 1 },
      { userId: bot, conversationId: id, readSeq: 1 },
      { userId: ann.id, conversationId: id, readSeq: 1 },
      { userId: cid, conversationId: id, deliveredSeq: 1 },
    );
    expect((await ann.put(`/v1/conversations/${id}/members/${dan}`)).status).toBe(200);
    const readers = await readersOf(ben, message.id);
    expect(readers).toMatchObject({ readCount: 1, deliveredCount: 2, users: [{ id: ben.id }] });
    expect(refusal(await eve.get(`/v1/messages/${message.id}/readers`))).toEqual([404, "message"]);
  });

  it("are named up to 200 members, and counted in a larger group", async () => {
    const people = await insertUsers(place.stores, 199);
    const id = await insertConversation(place.stores, { kind: "group", memberIds: [ann.id, ...people] });
    const { message } = await talk.send({ from: ann.id, conversationId: id });
    await talk.mark(...people.map((userId) => ({ userId, conversationId: id, readSeq: 1 })));
    expect(await readersOf(ann, message.id)).toMatchObject({ readCount: 199, deliveredCount: 199 });
    expect((await readersOf(ann, message.id)).users).toHaveLength(199);
    await ann.put(`/v1/conversations/${id}/members/${ben.id}`);
    expect(await readersOf(ann, message.id)).toEqual({ readCount: 199, deliveredCount: 199, users: [] });
  });
});
