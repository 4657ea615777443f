import { insertConversation } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";
import { reasonOf, type Talk, talkTo } from "./talk.ts";

let place: Place;
let service: MessageService;
let talk: Talk;
let ann: Person;
let ben: Person;
let cid: Person;
let eve: Person;

beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  talk = talkTo(service);
  [ann, ben, cid, eve] = [
    await service.person(),
    await service.person(),
    await service.person(),
    await service.person(),
  ];
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const refusal = ({ status, body }: { status: number; body: { reason: string } }) => [status, body.reason];
const say = async (from: Person, conversationId: string, more: object = {}) =>
  (await talk.send({ from: from.id, conversationId, ...more })).message;
/** A group of three in which Ann has begun a thread. */
async function begun() {
  const memberIds = [ann.id, ben.id, cid.id];
  const id = await insertConversation(place.stores, { kind: "group", memberIds });
  const root = await say(ann, id, { body: "what do you think?" });
  const reply = (from: Person, more: object = {}) => say(from, id, { threadRootId: root.id, ...more });
  return { id, root, reply };
}
const threadOf = async (person: Person, rootId: string, query = "") =>
  (await person.get(`/v1/messages/${rootId}/thread${query}`)).body;
/** What the list of somebody's threads has of this one: one item or none. */
const listOf = async (person: Person, rootId: string) =>
  (await person.get("/v1/threads")).body.items.filter((item: { rootId: string }) => item.rootId === rootId);

describe("a reply", () => {
  it("belongs to its thread, and the root says what was answered as one more change of it", async () => {
    const { id, root, reply } = await begun();
    const device = await place.gateway.connect(cid.id, [id]);
    const first = await reply(ben, { body: "good" });
    expect(first).toMatchObject({
      seq: 2,
      threadRootId: root.id,
      replyTo: null,
      revision: root.revision + 1,
    });
    const second = await reply(ann, { body: "really?", replyToId: first.id });
    expect(second).toMatchObject({ threadRootId: root.id, replyTo: { id: first.id } });
    const thread = { replyCount: 2, lastReplySeq: 3, lastReplyAt: second.createdAt };
    const updated = await device.next("message:updated", (message) => message.thread?.replyCount === 2);
    expect(updated).toMatchObject({ id: root.id, thread, revision: second.revision + 1 });
    const told = device.heard.flatMap(({ payload }) => (payload as { revision?: number })?.revision ?? []);
    expect(told).toEqual([1, 2, 3, 4].map((step) => root.revision + step));
    const { conversations } = (await cid.post("/v1/sync", { cursors: { [id]: root.revision } })).body;
    expect(conversations[0].messages.map((message: { seq: number }) => message.seq)).toEqual([2, 3, 1]);
    expect(conversations[0].messages[2].thread).toEqual(thread);
  });

  it("in a batch with others makes its root one change", async () => {
    const { id, root } = await begun();
    const sent = await talk.sendAll(
      [1, 2, 3].map((n) => ({ from: ben.id, conversationId: id, threadRootId: root.id, body: `${n}` })),
    );
    expect(sent.map((one) => one.ok && one.value.message.seq)).toEqual([2, 3, 4]);
    const { body } = await ben.get(`/v1/conversations/${id}`);
    expect(body.revision).toBe(root.revision + 4);
    expect((await threadOf(ben, root.id)).root).toMatchObject({
      revision: root.revision + 4,
      thread: { replyCount: 3, lastReplySeq: 4 },
    });
  });

  it("is the same message when it is sent again, and counts once", async () => {
    const { id, root } = await begun();
    const draft = {
      from: ben.id,
      conversationId: id,
      threadRootId: root.id,
      clientMessageId: crypto.randomUUID(),
    };
    await talk.send(draft);
    expect(await talk.send(draft)).toMatchObject({ duplicate: true, message: { seq: 2 } });
    expect((await threadOf(ben, root.id)).root.thread.replyCount).toBe(1);
    const elsewhere = { ...draft, threadRootId: (await say(ann, id)).id };
    await expect(talk.send(elsewhere)).rejects.toMatchObject({ code: "conflict" });
  });

  it("has one level: it answers a first message of the same conversation that is still there", async () => {
    const { id, root, reply } = await begun();
    const first = await reply(ben);
    const other = await begun();
    const gone = await say(ann, id);
    await ann.delete(`/v1/messages/${gone.id}`);
    const [nested, foreign, deleted, unknown, quoted] = await talk.sendAll(
      [first.id, other.root.id, gone.id, "999999999"]
        .map((threadRootId) => ({ from: ben.id, conversationId: id, threadRootId, body: "x" }))
        .concat([{ from: ben.id, conversationId: id, threadRootId: (await say(ann, id)).id, body: "x" }])
        .map((draft, index) => (index === 4 ? { ...draft, replyToId: first.id } : draft)),
    );
    for (const refused of [nested, foreign, deleted, unknown])
      expect(reasonOf(refused)).toBe("invalid:thread_root");
    expect(reasonOf(quoted)).toBe("invalid:reply_target");
    expect(refusal(await ben.get(`/v1/messages/${first.id}/thread`))).toEqual([400, "thread_root"]);
    // What quotes a reply without saying where belongs beside it.
    expect(await say(cid, id, { replyToId: first.id })).toMatchObject({ threadRootId: root.id });
  });
});

describe("what is unread of a thread", () => {
  it("is counted there and not in the conversation, by a watermark of its own", async () => {
    const { id, root, reply } = await begun();
    await talk.mark({ userId: ann.id, conversationId: id, readSeq: 1 });
    for (const body of ["one", "two", "three"]) await reply(ben, { body });
    await reply(ann, { body: "mine" });
    const last = await reply(ben, { body: "four" });
    expect((await ann.get(`/v1/conversations/${id}`)).body.unreadCount).toBe(0);
    expect(await listOf(ann, root.id)).toMatchObject([
      { rootId: root.id, unreadCount: 1, following: true, readSeq: 5 },
    ]);
    const device = await place.gateway.connect(ann.id);
    const { body } = await ann.post(`/v1/messages/${root.id}/thread/read`, { seq: 99 });
    expect(body).toMatchObject({ readSeq: last.seq, unreadCount: 0 });
    expect((await device.next("thread:updated")).state).toEqual(body);
    expect((await ann.post(`/v1/messages/${root.id}/thread/read`, { seq: 2 })).body).toEqual(body);
    await ben.delete(`/v1/messages/${(await reply(ben)).id}`);
    await reply(ben);
    expect((await threadOf(ann, root.id)).state.unreadCount).toBe(1);
    expect((await ann.get(`/v1/conversations/${id}`)).body).toMatchObject({
      unreadCount: 0,
      mentionCount: 0,
    });
    expect((await ann.post(`/v1/messages/${last.id}/read`)).body.readSeq).toBe(1);
  });

  it("tells who has seen a reply: those who have read the thread, not those who read on beside it", async () => {
    const { id, root, reply } = await begun();
    const answer = await reply(ann);
    await talk.mark({ userId: cid.id, conversationId: id, readSeq: answer.seq });
    await ben.post(`/v1/messages/${root.id}/thread/read`, { seq: answer.seq });
    expect((await ann.get(`/v1/messages/${answer.id}/readers`)).body).toMatchObject({
      readCount: 1,
      users: [{ id: ben.id }],
    });
  });
});

describe("who follows a thread", () => {
  const isFollowing = async (person: Person, rootId: string) =>
    (await threadOf(person, rootId)).state.following;

  it("is who began it, who posts and who is mentioned", async () => {
    const { root, reply } = await begun();
    await reply(ben);
    expect([await isFollowing(ann, root.id), await isFollowing(ben, root.id)]).toEqual([true, true]);
    expect(await isFollowing(cid, root.id)).toBe(false);
    expect(await listOf(cid, root.id)).toEqual([]);
    await reply(ben, { mentions: [cid.id] });
    expect(await listOf(cid, root.id)).toMatchObject([{ rootId: root.id, unreadCount: 2 }]);
  });

  it("is whoever says so, and no longer who says no, until they post again", async () => {
    const { root, reply } = await begun();
    await reply(ben);
    const follow = (await cid.put(`/v1/messages/${root.id}/thread/follow`)).body;
    expect(follow).toMatchObject({ following: true, unreadCount: 0 });
    await cid.delete(`/v1/messages/${root.id}/thread/follow`);
    await reply(ben, { mentions: [cid.id] });
    expect(await isFollowing(cid, root.id)).toBe(false);
    await reply(cid);
    expect(await isFollowing(cid, root.id)).toBe(true);
  });

  it("need not be who has read it", async () => {
    const { root, reply } = await begun();
    const { seq } = await reply(ben);
    await cid.post(`/v1/messages/${root.id}/thread/read`, { seq });
    expect(await isFollowing(cid, root.id)).toBe(false);
    await reply(ben, { mentions: [cid.id] });
    expect(await isFollowing(cid, root.id)).toBe(true);
  });

  it("has left it with the conversation", async () => {
    const { id, root, reply } = await begun();
    await reply(cid);
    await ann.delete(`/v1/conversations/${id}/members/${cid.id}`);
    expect(await listOf(cid, root.id)).toEqual([]);
    for (const person of [cid, eve]) {
      expect(refusal(await person.get(`/v1/messages/${root.id}/thread`))).toEqual([404, "message"]);
      expect(refusal(await person.put(`/v1/messages/${root.id}/thread/follow`))).toEqual([404, "message"]);
    }
  });
});

describe("a thread's replies", () => {
  it("come in pages by seq, from the end, backwards and onwards", async () => {
    const { id, root, reply } = await begun();
    for (let n = 0; n < 7; n++) {
      await reply(ben, { body: `${n}` });
      await say(ann, id, { body: "beside it" });
    }
    const page = async (query: string) => {
      const { items, hasOlder, hasNewer } = await threadOf(ann, root.id, query);
      return [items.map((item: { body: string }) => item.body).join(""), hasOlder, hasNewer];
    };
    expect(await page("?limit=3")).toEqual(["456", true, false]);
    expect(await page("?limit=3&before=10")).toEqual(["123", true, true]);
    expect(await page("?limit=3&before=4")).toEqual(["0", false, true]);
    expect(await page("?limit=3&after=2")).toEqual(["123", true, true]);
    expect(await page("?limit=30&after=1")).toEqual(["0123456", false, false]);
    expect((await ann.get(`/v1/messages/${root.id}/thread?before=1&after=1`)).status).toBe(400);
  });

  it("of many threads are listed by their latest reply, in pages", async () => {
    const reader = await service.person();
    const memberIds = [reader.id, ben.id];
    const id = await insertConversation(place.stores, { kind: "group", memberIds });
    const roots: { id: string }[] = [];
    for (let n = 0; n < 5; n++) roots.push(await say(reader, id));
    for (const root of roots) await say(ben, id, { threadRootId: root.id });
    await say(ben, id, { threadRootId: (roots[1] as { id: string }).id });
    const seen: string[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const { body }: { body: { items: { rootId: string }[]; nextCursor: string | null } } = await reader.get(
        `/v1/threads?limit=2${cursor && `&cursor=${cursor}`}`,
      );
      seen.push(...body.items.map((item) => item.rootId));
      cursor = body.nextCursor;
    }
    const order = [1, 4, 3, 2, 0].map((index) => roots[index]?.id);
    expect(seen).toEqual(order);
  });
});
