/** "Delete for me": nobody else notices, and every device of the person comes to know, also one that was away. */
import type { HiddenMessage, Message, PersonalSyncReply } from "@confab/contract";
import { insertConversation, insertMessages } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";
import { type Talk, talkTo, untilLockWait } from "./talk.ts";

let place: Place;
let service: MessageService;
let talk: Talk;
let ann: Person;
beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  talk = talkTo(service);
  ann = await service.person();
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

const group = (...people: Person[]) =>
  insertConversation(place.stores, { kind: "group", memberIds: people.map(({ id }) => id) });
const say = async (from: Person, conversationId: string) =>
  (await talk.send({ from: from.id, conversationId })).message;
const hide = async (person: Person, { id }: { id: string }) =>
  expect((await person.delete(`/v1/messages/${id}?scope=me`)).status).toBe(204);
const syncOf = async (person: Person, after: number): Promise<PersonalSyncReply> =>
  (await person.post("/v1/me/sync", { after })).body;
const revisionOf = async (person: Person): Promise<number> =>
  (await talk.command(person.id, { name: "conversation:heads", payload: {} })).personalRevision;
const rowOf = (message: Message, revision: number): HiddenMessage => ({
  conversationId: message.conversationId,
  messageId: message.id,
  seq: message.seq,
  revision,
});

describe("a message that somebody deletes for themself", () => {
  it("is told to their devices, once, and to nobody else; the conversation's revision stays", async () => {
    const ben = await service.person();
    const id = await group(ann, ben);
    const message = await say(ann, id);
    const [bens, anns] = [
      await place.gateway.connect(ben.id, [id]),
      await place.gateway.connect(ann.id, [id]),
    ];
    const before = (await ann.get(`/v1/conversations/${id}`)).body.revision;
    await hide(ben, message);
    await hide(ben, message);
    expect(await bens.next("message:hidden")).toEqual(rowOf(message, 1));
    const next = await say(ann, id);
    await bens.next("message:created", (one) => one.id === next.id);
    await anns.next("message:created", (one) => one.id === next.id);
    const own = bens.heard.map(({ event }) => event);
    expect(own).toEqual(["joined", "message:hidden", "message:created"]);
    expect(anns.heard.map(({ event }) => event)).toEqual(["joined", "message:created"]);
    expect(next.revision).toBe(before + 1);
  });

  it("is told to a device that was away by the person's own sync, from any revision before it", async () => {
    const ben = await service.person();
    const id = await group(ann, ben);
    const [one, two] = [await say(ann, id), await say(ann, id)];
    await hide(ben, one);
    await ben.patch(`/v1/conversations/${id}/personal`, { pinned: true });
    await hide(ben, two);
    expect(await revisionOf(ben)).toBe(3);
    expect((await syncOf(ben, 0)).hidden).toEqual([rowOf(one, 1), rowOf(two, 3)]);
    expect(await syncOf(ben, 1)).toMatchObject({ revision: 3, hidden: [rowOf(two, 3)] });
    expect(await syncOf(ben, 3)).toEqual({ revision: 3, states: [], drafts: [], hidden: [], hasMore: false });
    expect((await syncOf(ann, 0)).hidden).toEqual([]);
    // A device that held it while the person was in does so still.
    await ben.delete(`/v1/conversations/${id}/members/${ben.id}`);
    expect(await syncOf(ben, 0)).toMatchObject({
      states: [{ conversationId: id, revision: 2 }],
      hidden: [rowOf(one, 1), rowOf(two, 3)],
    });
  });

  it("walks any distance in pages, beside what else is the person's own, and misses and repeats nothing", async () => {
    const ben = await service.person();
    const id = await group(ann, ben);
    const ids = await insertMessages(place.stores, { conversationId: id, senderId: ann.id, count: 450 });
    const rooms = await Promise.all(Array.from({ length: 30 }, () => group(ben)));
    for (const [index, messageId] of ids.entries()) {
      await hide(ben, { id: String(messageId) });
      const room = rooms[index / 15];
      if (room) await ben.put(`/v1/conversations/${room}/draft`, { body: room });
    }
    const seqs: number[] = [];
    const drafts: string[] = [];
    let [after, pages, hasMore] = [0, 0, true];
    while (hasMore) {
      const page = await syncOf(ben, after);
      seqs.push(...page.hidden.map(({ seq }) => seq));
      drafts.push(...page.drafts.map(({ body }) => body));
      const revisions = [...page.hidden, ...page.drafts].map(({ revision }) => revision);
      expect(Math.min(...revisions)).toBe(after + 1);
      expect(Math.max(...revisions)).toBe(page.revision);
      ({ revision: after, hasMore } = page);
      pages += 1;
    }
    expect([seqs, drafts]).toEqual([Array.from({ length: 450 }, (_, index) => index + 1), rooms]);
    expect([after, pages]).toEqual([480, 3]);
  });

  it("has a revision of its own where many devices hide at once, and one for all who hide the same", async () => {
    const ben = await service.person();
    const id = await group(ann, ben);
    const messages = await Promise.all(Array.from({ length: 10 }, () => say(ann, id)));
    await Promise.all([...messages, ...messages].map((message) => hide(ben, message)));
    const { revision, hidden } = await syncOf(ben, 0);
    expect(revision).toBe(10);
    expect(hidden.map((row) => row.revision)).toEqual(Array.from({ length: 10 }, (_, index) => index + 1));
    expect(new Set(hidden.map(({ messageId }) => messageId)).size).toBe(10);
  });
});

it("leaves no words in quotes, for whoever deleted it", async () => {
  const ben = await service.person();
  const id = await group(ann, ben);
  const message = await say(ann, id);
  await talk.send({ from: ann.id, conversationId: id, replyToId: message.id });
  await hide(ben, message);
  const quoteFor = async (person: Person) =>
    (await person.get(`/v1/conversations/${id}/messages`)).body.items.at(-1).replyTo;
  expect(await quoteFor(ann)).toMatchObject({ id: message.id, body: message.body });
  expect(await quoteFor(ben)).toMatchObject({ id: message.id, body: null });
});

it("is answered with where it is told, the first time and again", async () => {
  const ben = await service.person();
  const message = await say(ann, await group(ann, ben));
  const command = { name: "message:delete", payload: { messageId: message.id, scope: "me" } } as const;
  const [first, again] = [await talk.command(ben.id, command), await talk.command(ben.id, command)];
  expect(first).toEqual({ hidden: rowOf(message, 1) });
  expect(again).toEqual(first);
  expect(await revisionOf(ben)).toBe(1);
});

describe("what a blocked person says", () => {
  const blocked = async () => {
    const [ben, cat] = [await service.person(), await service.person()];
    const { id } = (await ben.post("/v1/conversations", { kind: "direct", userId: cat.id })).body;
    const shown = await say(cat, id);
    await ben.put(`/v1/blocks/${cat.id}`);
    return { ben, cat, id, shown };
  };

  it("waits for no lock of the one who blocks, and is nothing to tell them, for it was never shown", async () => {
    const { ben, cat, id } = await blocked();
    await place.stores.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM users WHERE id = ${ben.id} FOR UPDATE`;
      expect((await say(cat, id)).seq).toBe(2);
    });
    expect(await syncOf(ben, 0)).toMatchObject({ revision: 0, hidden: [] });
    expect(
      await place.stores.query("SELECT seq, revision FROM hidden_messages WHERE user_id = ?", [ben.id]),
    ).toEqual([{ seq: 2, revision: 0 }]);
  });

  it("is gone once they change it, which the devices that showed it hear, without the words", async () => {
    const { ben, cat, id, shown } = await blocked();
    const unseen = await say(cat, id);
    const bens = await place.gateway.connect(ben.id);
    for (const message of [unseen, shown, shown])
      await cat.patch(`/v1/messages/${message.id}`, { body: "x" });
    expect(await bens.next("message:hidden")).toEqual(rowOf(shown, 1));
    expect((await syncOf(ben, 0)).hidden).toEqual([rowOf(shown, 1)]);
    await ben.patch(`/v1/conversations/${id}/personal`, { pinned: true });
    await bens.next("personal:updated");
    expect(bens.heard.map(({ event }) => event)).toEqual(["joined", "message:hidden", "personal:updated"]);
  });

  it("and changes at the moment when the other one unblocks and deletes ends well for both", async () => {
    const { ben, cat, id, shown } = await blocked();
    const further = (await talk.send({ from: ben.id, conversationId: await group(ben) })).message;
    const answers = await place.stores.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM users WHERE id = ${ben.id} FOR UPDATE`;
      const waiting = [
        cat.patch(`/v1/messages/${shown.id}`, { body: "x" }),
        ben.delete(`/v1/blocks/${cat.id}`),
        ben.delete(`/v1/messages/${further.id}?scope=me`),
      ];
      await untilLockWait(place);
      return waiting;
    });
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 204, 204]);
    const { hidden, revision } = await syncOf(ben, 0);
    expect(hidden.length).toBe(revision);
    expect(hidden.map(({ messageId }) => messageId)).toContain(further.id);
    const isThere = (await ben.get(`/v1/conversations/${id}/messages`)).body.items.length === 1;
    expect(hidden.some(({ messageId }) => messageId === shown.id)).toBe(!isThere);
  });
});
