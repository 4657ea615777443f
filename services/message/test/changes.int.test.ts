import type { Message } from "@confab/contract";
import { insertConversation, insertUsers } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type Device, type MessageService, type Place } from "./harness.ts";
import { type Talk, talkTo } from "./talk.ts";

let place: Place;
let service: MessageService;
let talk: Talk;
let ann: string;
let ben: string;
let cleo: string;
let eve: string;

beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  talk = talkTo(service);
  [ann, ben, cleo, eve] = (await insertUsers(place.stores, 4)) as [string, string, string, string];
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const group = () => insertConversation(place.stores, { kind: "group", memberIds: [ann, ben, cleo] });
const revisionOf = async (conversationId: string) => {
  const [row] = await place.stores.query("SELECT revision FROM conversations WHERE id = ?", [conversationId]);
  return row?.revision;
};
const said = async (from: string, conversationId: string, body = "hello") =>
  (await talk.send({ from, conversationId, body })).message;
const edit = async (actor: string, payload: { messageId: string; body: string; expectedRevision?: number }) =>
  (await talk.command(actor, { name: "message:edit", payload })).message as Message;
const remove = (actor: string, messageId: string, scope: "everyone" | "me" = "everyone") =>
  talk.command(actor, { name: "message:delete", payload: { messageId, scope } });
const react = async (actor: string, messageId: string, emoji: string, verb: "add" | "remove" = "add") =>
  (await talk.command(actor, { name: `reaction:${verb}`, payload: { messageId, emoji } })).message as Message;
const pin = async (actor: string, messageId: string, verb: "pin" | "unpin" = "pin") =>
  (await talk.command(actor, { name: `message:${verb}`, payload: { messageId } })).message as Message;
const updatesOf = (device: Device, messageId: string) =>
  device.all("message:updated").filter((message) => message.id === messageId);

describe("editing", () => {
  it("changes the words, raises the revision by one, and is heard by everybody", async () => {
    const conversationId = await group();
    const device = await place.gateway.connect(ben, [conversationId]);
    const { id, revision } = await said(ann, conversationId);
    const edited = await edit(ann, { messageId: id, body: "hello there" });
    expect(edited).toMatchObject({ id, seq: 1, revision: revision + 1, body: "hello there" });
    expect(edited.editedAt).not.toBeNull();
    expect(await device.next("message:updated", (message) => message.id === id)).toEqual({
      ...edited,
      change: { kind: "edited", userId: ann },
    });
    expect(await revisionOf(conversationId)).toBe(revision + 1);
  });

  it("is refused to others, to strangers, of what is deleted, and when the message has changed meanwhile", async () => {
    const conversationId = await group();
    const { id, revision } = await said(ann, conversationId);
    const attempt = (actor: string, expectedRevision?: number) =>
      edit(actor, { messageId: id, body: "other words", ...(expectedRevision && { expectedRevision }) });
    await expect(attempt(ben)).rejects.toMatchObject({ code: "forbidden", reason: "not_author" });
    await expect(attempt(eve)).rejects.toMatchObject({ code: "not_found" });
    await expect(attempt(ann, revision + 7)).rejects.toMatchObject({
      code: "conflict",
      reason: "revision_changed",
    });
    await expect(edit(ann, { messageId: "999999999", body: "x" })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await revisionOf(conversationId)).toBe(revision);
    expect(await attempt(ann, revision)).toMatchObject({ revision: revision + 1 });
    await remove(ann, id);
    await expect(attempt(ann)).rejects.toMatchObject({ code: "conflict", reason: "message_deleted" });
  });

  it("keeps what was said for those who moderate, until it is deleted", async () => {
    const conversationId = await group();
    const { id, revision, createdAt } = await said(ann, conversationId, "one");
    const versions = async (actor: string) =>
      (await talk.command(actor, { name: "message:edits", payload: { messageId: id } })).items;
    const second = await edit(ann, { messageId: id, body: "two" });
    await react(ben, id, "👍");
    const third = await edit(ann, { messageId: id, body: "three" });
    expect(await versions(ann)).toEqual([
      { revision, body: "one", writtenAt: createdAt },
      { revision: second.revision + 1, body: "two", writtenAt: second.editedAt },
      { revision: third.revision, body: "three", writtenAt: third.editedAt },
    ]);
    await expect(versions(ben)).rejects.toMatchObject({ code: "forbidden", reason: "role" });
    await expect(versions(eve)).rejects.toMatchObject({ code: "not_found", reason: "message" });
    await remove(ann, id);
    expect(await versions(ann)).toEqual([]);
    expect(await place.stores.query("SELECT 1 FROM message_edits WHERE message_id = ?", [id])).toEqual([]);
  });

  it("may name other people, if they are there", async () => {
    const conversationId = await group();
    const { id } = await said(ann, conversationId);
    const mention = (mentions?: string[]) =>
      talk.command(ann, { name: "message:edit", payload: { messageId: id, body: "you there", mentions } });
    expect((await mention([ben, ben])).message.mentions).toEqual([ben]);
    expect((await mention()).message.mentions).toEqual([ben]);
    await expect(mention([ben, eve])).rejects.toMatchObject({
      code: "invalid",
      reason: "mention_not_member",
    });
    expect((await mention([])).message.mentions).toEqual([]);
  });

  it("lets a client repeat an edit whose answer it never got", async () => {
    const conversationId = await group();
    const { id, revision } = await said(ann, conversationId);
    const first = await edit(ann, { messageId: id, body: "again", expectedRevision: revision });
    expect(await edit(ann, { messageId: id, body: "again", expectedRevision: revision })).toEqual(first);
  });
});

describe("deleting for everyone", () => {
  it("leaves a tombstone that keeps its seq and nothing else, also in the database", async () => {
    const conversationId = await group();
    const device = await place.gateway.connect(ben, [conversationId]);
    const { id } = (
      await talk.send({ from: ann, conversationId, body: "secret", metadata: { a: 1 }, mentions: [ben] })
    ).message;
    await react(ben, id, "👍");
    await pin(ben, id);
    await remove(ann, id);
    await remove(ann, id);
    const tombstone = await device.next("message:updated", (message) => message.deletedAt !== null);
    expect(tombstone).toMatchObject({ id, seq: 1, revision: 5, body: null, metadata: null, mentions: [] });
    expect(tombstone).toMatchObject({ reactions: [], pinnedAt: null, senderId: ann, kind: "text" });
    expect(await revisionOf(conversationId)).toBe(5);
    const [row] = await place.stores.query("SELECT body, metadata, mentions FROM messages WHERE id = ?", [
      id,
    ]);
    expect(row).toEqual({ body: null, metadata: null, mentions: null });
    expect(await place.stores.query("SELECT 1 FROM reactions WHERE message_id = ?", [id])).toEqual([]);
    await expect(react(ben, id, "👍")).rejects.toMatchObject({ code: "conflict" });
    await expect(pin(ben, id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("is for authors, in groups for admins too, and never for strangers", async () => {
    const conversationId = await group();
    const [anns, bens] = [await said(ann, conversationId), await said(ben, conversationId)];
    await expect(remove(ben, anns.id)).rejects.toMatchObject({ code: "forbidden" });
    await expect(remove(eve, anns.id)).rejects.toMatchObject({ code: "not_found" });
    await remove(ann, bens.id);
    const direct = await insertConversation(place.stores, { kind: "direct", memberIds: [ann, cleo] });
    const { id } = await said(cleo, direct);
    await expect(remove(ann, id)).rejects.toMatchObject({ code: "forbidden" });
  });
});

describe("deleting for oneself", () => {
  it("hides it from history, sync, unread and one's own devices, and changes nothing for others", async () => {
    const conversationId = await group();
    const [bens, anns] = [
      await place.gateway.connect(ben, [conversationId]),
      await place.gateway.connect(ann, [conversationId]),
    ];
    const [first, second] = [await said(ann, conversationId, "one"), await said(ann, conversationId, "two")];
    await remove(ben, first.id, "me");
    await remove(ben, first.id, "me");
    await bens.next("message:hidden", ({ messageId }) => messageId === first.id);
    const cursors = { [conversationId]: 0 };
    const seen = async (who: string) =>
      (
        await talk.command(who, { name: "conversation:sync", payload: { cursors } })
      ).conversations[0].messages.map((message: Message) => message.seq);
    expect(await seen(ben)).toEqual([second.seq]);
    expect(await seen(ann)).toEqual([first.seq, second.seq]);
    expect(await revisionOf(conversationId)).toBe(second.revision);
    await said(ann, conversationId, "three");
    await anns.next("message:created", (message) => message.body === "three");
    expect(anns.all("message:hidden")).toEqual([]);
    expect(bens.all("message:hidden")).toHaveLength(1);
    for (const device of [anns, bens]) expect(updatesOf(device, first.id)).toEqual([]);
    await expect(remove(eve, first.id, "me")).rejects.toMatchObject({ code: "not_found" });
  });
});

describe("reacting", () => {
  it("counts each person once per emoji; a repeat changes nothing and is not heard", async () => {
    const conversationId = await group();
    const device = await place.gateway.connect(cleo, [conversationId]);
    const { id, revision } = await said(ann, conversationId);
    expect((await react(ben, id, "👍")).reactions).toEqual([
      { emoji: "👍", count: 1, userIds: [ben], mine: true },
    ]);
    await react(ben, id, "👍");
    await react(ann, id, "👍");
    const both = await react(ann, id, ":ship_it:");
    expect(both.reactions).toEqual([
      { emoji: "👍", count: 2, userIds: [ann, ben], mine: true },
      { emoji: ":ship_it:", count: 1, userIds: [ann], mine: true },
    ]);
    expect(both.revision).toBe(revision + 3);
    await react(ben, id, "👍", "remove");
    await react(ben, id, "👍", "remove");
    await react(cleo, id, "👀", "remove");
    await device.next("message:updated", (message) => message.revision === revision + 4);
    expect(await revisionOf(conversationId)).toBe(revision + 4);
    expect(updatesOf(device, id).map((message) => message.revision - revision)).toEqual([1, 2, 3, 4]);
    expect(
      updatesOf(device, id).flatMap((message) => message.reactions.map(({ mine }) => mine)),
    ).not.toContain(true);
  });

  it("shows the latest twenty of many people, with an exact count", async () => {
    const people = await insertUsers(place.stores, 25);
    const conversationId = await insertConversation(place.stores, { kind: "group", memberIds: people });
    const { id } = await said(people[0] as string, conversationId);
    for (const person of people) await react(person, id, "🎉");
    const last = await react(people[0] as string, id, "x");
    expect(last.reactions[0]).toMatchObject({ emoji: "🎉", count: 25, mine: true });
    expect(last.reactions[0]?.userIds).toHaveLength(20);
    expect(last.reactions[0]?.userIds).toContain(people.at(-1));
  });

  it("stops at twenty different emojis on one message", async () => {
    const conversationId = await group();
    const { id } = await said(ann, conversationId);
    for (let n = 0; n < 20; n++) await react(ann, id, `:e${n}:`);
    await expect(react(ben, id, ":one_more:")).rejects.toMatchObject({
      code: "conflict",
      reason: "too_many_emojis",
    });
    expect((await react(ben, id, ":e0:")).reactions[0]?.count).toBe(2);
  });

  it("survives everybody doing it at once", async () => {
    const people = await insertUsers(place.stores, 20);
    const conversationId = await insertConversation(place.stores, { kind: "group", memberIds: people });
    const { id, revision } = await said(people[0] as string, conversationId);
    await Promise.all(people.map((person) => react(person, id, "🎉")));
    const after = await react(people[0] as string, id, "🎉");
    expect(after).toMatchObject({ revision: revision + 20, reactions: [{ count: 20 }] });
  });
});

describe("pinning", () => {
  it("marks and unmarks, for any member, at most fifty in a conversation", async () => {
    const conversationId = await group();
    const messages: Message[] = [];
    for (let n = 0; n < 51; n++) messages.push(await said(ann, conversationId, `n${n}`));
    const ids = messages.map((message) => message.id) as [string, ...string[]];
    const pinned = await pin(ben, ids[0]);
    expect(pinned.pinnedAt).not.toBeNull();
    expect(await pin(ann, ids[0])).toEqual(pinned);
    for (const id of ids.slice(1, 50)) await pin(ann, id);
    await expect(pin(ann, ids[50] as string)).rejects.toMatchObject({
      code: "conflict",
      reason: "too_many_pins",
    });
    expect((await pin(cleo, ids[1] as string, "unpin")).pinnedAt).toBeNull();
    await remove(ann, ids[2] as string);
    await pin(ann, ids[50] as string);
    await pin(ann, ids[1] as string);
    await expect(pin(eve, ids[1] as string)).rejects.toMatchObject({ code: "not_found" });
  });
});
