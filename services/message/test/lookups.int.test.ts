import type { Message } from "@confab/contract";
import type { MessageFact, Place as Standing } from "@confab/contract/internal";
import { insertConversation, insertMessages, insertUsers } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Place } from "./harness.ts";
import { type Talk, talkTo } from "./talk.ts";

let place: Place;
let service: MessageService;
let talk: Talk;
let ann: string;
let ben: string;
let eve: string;

beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  talk = talkTo(service);
  [ann, ben, eve] = (await insertUsers(place.stores, 3)) as [string, string, string];
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const group = () => insertConversation(place.stores, { kind: "group", memberIds: [ann, ben] });
interface Resolved {
  place?: Standing;
  messages: MessageFact[];
}
const resolve = (body: object) => talk.rpc<Resolved>("resolve", body);
const missed = (userId: string, more: object = {}) =>
  talk.rpc<{ messages: Message[]; cursors: Record<string, number> }>("missed", {
    userId,
    limit: 500,
    ...more,
  });
const seqs = ({ messages }: { messages: Message[] }) => messages.map(({ seq }) => seq);

describe("what a client names", () => {
  it("is found where it is theirs, in the order asked", async () => {
    const conversationId = await group();
    const { message: one } = await talk.send({ from: ann, conversationId });
    const { message: two } = await talk.send({ from: ann, conversationId });
    const found = await resolve({ userId: ben, place: { conversationId }, messageIds: [two.id, one.id] });
    expect(found.place).toMatchObject({ conversationId, kind: "group", lastSeq: 2, readSeq: 0 });
    expect(found.messages.map(({ seq }) => seq)).toEqual([2, 1]);
    for (const wanted of [{ place: { conversationId } }, { messageIds: [one.id] }]) {
      await expect(resolve({ userId: eve, ...wanted })).rejects.toMatchObject({ code: "not_found" });
    }
    const mixed = { userId: ben, messageIds: [one.id, "999999999"] };
    await expect(resolve(mixed)).rejects.toMatchObject({ code: "not_found", reason: "message" });
  });

  it("opens a direct conversation only where that is asked for", async () => {
    const directWith = ben;
    const asked = { userId: eve, place: { directWith } };
    await expect(resolve(asked)).rejects.toMatchObject({ code: "not_found", reason: "conversation" });
    const opened = await resolve({ userId: eve, place: { directWith, open: true } });
    expect(opened.place?.kind).toBe("direct");
    expect((await resolve(asked)).place).toEqual(opened.place);
    // An id that is not a conversation of theirs may be a person's.
    expect((await resolve({ userId: eve, place: { conversationId: "12", directWith } })).place).toEqual(
      opened.place,
    );
  });
});

describe("what somebody missed", () => {
  it("begins after what was delivered, without their own and what was deleted, the latest first to stay", async () => {
    const conversationId = await group();
    await insertMessages(place.stores, { conversationId, senderId: ann, count: 6 });
    await talk.send({ from: ben, conversationId });
    const { message } = await talk.send({ from: ann, conversationId });
    await talk.command(ann, {
      name: "message:delete",
      payload: { messageId: message.id, scope: "everyone" },
    });
    await talk.mark({ userId: ben, conversationId, deliveredSeq: 2 });
    const fromDelivered = { cursors: { [conversationId]: null } };
    const all = await missed(ben, fromDelivered);
    const inOthers = (await missed(ben)).messages.filter((one) => one.conversationId !== conversationId);
    expect(inOthers.length).toBeGreaterThan(0);
    expect(seqs(all)).toEqual([3, 4, 5, 6]);
    expect(all.cursors[conversationId]).toBe(8);
    expect(seqs(await missed(ben, { ...fromDelivered, limit: 2 }))).toEqual([5, 6]);
    // From a position of one's own it is everybody's: another device may have written it.
    expect(seqs(await missed(ben, { cursors: { [conversationId]: 5 } }))).toEqual([6, 7]);
    expect(await missed(eve, { cursors: { [conversationId]: 0 } })).toEqual({ messages: [], cursors: {} });
    await talk.mark({ userId: ben, conversationId, deliveredSeq: 8 });
    expect(seqs(await missed(ben, fromDelivered))).toEqual([]);
  });
});

it("knows with whom somebody talks, what they are called, and what they have not read", async () => {
  const opened = await resolve({ userId: ann, place: { directWith: eve, open: true } });
  const conversationId = opened.place?.conversationId as string;
  await talk.send({ from: eve, conversationId });
  await talk.mark({ userId: ann, conversationId, deliveredSeq: 1 });
  const { userIds } = await talk.rpc<{ userIds: string[] }>("people", { userId: ann, limit: 10 });
  expect(userIds.sort()).toEqual([ben, eve].sort());
  const { names } = await talk.rpc<{ names: Record<string, string> }>("names", { userIds: [ann, "nobody"] });
  expect(Object.keys(names)).toEqual([ann]);
  const unread = () => talk.rpc<{ marks: object[] }>("unread-directs", { userId: ann });
  expect(await unread()).toEqual({ marks: [{ conversationId, deliveredSeq: 1 }] });
  await talk.mark({ userId: ann, conversationId, readSeq: 1 });
  expect(await unread()).toEqual({ marks: [] });
  const range = { conversationId, afterSeq: 0, toSeq: 1, limit: 10 };
  expect(await talk.rpc("refs", range)).toMatchObject({ messages: [{ seq: 1, senderId: eve }] });
});
