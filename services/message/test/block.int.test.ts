/** A block, from both people's eyes: nothing gets through, and the one who is blocked sees no difference. */
import type { Message } from "@confab/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type Device, type MessageService, type Person, type Place } from "./harness.ts";
import { reasonOf, type Talk, talkTo, untilLockWait } from "./talk.ts";

let place: Place;
let service: MessageService;
let talk: Talk;
beforeAll(async () => {
  place = await createPlace();
  service = await place.start();
  talk = talkTo(service);
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

interface Pair {
  /** Blocks Bob. */
  ann: Person;
  bob: Person;
  id: string;
  anns: Device;
  bobs: Device;
  /** What each has said before. */
  byAnn: Message;
  byBob: Message;
}

async function pair(): Promise<Pair> {
  const [ann, bob] = [await service.person(), await service.person()];
  const { id } = (await ann.post("/v1/conversations", { kind: "direct", userId: bob.id })).body;
  const byAnn = (await talk.send({ from: ann.id, conversationId: id, body: "hello" })).message;
  const byBob = (await talk.send({ from: bob.id, conversationId: id, body: "hi" })).message;
  const [anns, bobs] = [await place.gateway.connect(ann.id), await place.gateway.connect(bob.id)];
  return { ann, bob, id, anns, bobs, byAnn, byBob };
}
async function blocked(): Promise<Pair> {
  const made = await pair();
  expect((await made.ann.put(`/v1/blocks/${made.bob.id}`)).status).toBe(204);
  return made;
}
const say = async (from: Person, conversationId: string, body = "words") =>
  (await talk.send({ from: from.id, conversationId, body })).message;
const bodies = async (person: Person, id: string) =>
  (await person.get(`/v1/conversations/${id}/messages`)).body.items.map((message: Message) => message.body);
/** After this comes nothing that was published before. */
async function settle(device: Device, person: Person): Promise<void> {
  const { id } = await service.person();
  const made = (await person.post("/v1/conversations", { kind: "direct", userId: id })).body;
  await device.next("conversation:updated", ({ conversation }) => conversation.id === made.id);
}
/** All that the device heard of the conversation. */
function heardOf(device: Device, id: string): Device["heard"] {
  return device.heard.filter(({ payload }) => {
    const { conversationId, conversation, revisions } = (payload ?? {}) as {
      conversationId?: string;
      conversation?: { id: string };
      revisions?: Record<string, number>;
    };
    return conversationId === id || conversation?.id === id || revisions?.[id] !== undefined;
  });
}

describe("what a blocked person says", () => {
  it("succeeds, reaches their own devices, and nobody else, live or later", async () => {
    const { ann, bob, id, anns, bobs } = await blocked();
    const cursor = (await ann.get(`/v1/conversations/${id}`)).body.revision;
    const message = await say(bob, id, "are you there?");
    expect(message).toMatchObject({ seq: 3, body: "are you there?" });
    expect(await bobs.next("message:created", (one) => one.id === message.id)).toEqual(message);
    expect(await bodies(bob, id)).toEqual(["hello", "hi", "are you there?"]);

    await settle(anns, ann);
    expect(heardOf(anns, id)).toEqual([]);
    expect(await bodies(ann, id)).toEqual(["hello", "hi"]);
    const sync = (await ann.post("/v1/sync", { cursors: { [id]: cursor } })).body.conversations[0];
    expect(sync.messages).toEqual([]);
    expect((await ann.get(`/v1/conversations/${id}`)).body.unreadCount).toBe(1);
    expect((await bob.get(`/v1/conversations/${id}`)).body.lastMessage.id).toBe(message.id);
  });

  it("is the same message when it is sent again, and still reaches nobody", async () => {
    const { ann, bob, id, anns } = await blocked();
    const draft = { from: bob.id, conversationId: id, clientMessageId: crypto.randomUUID() };
    const first = await talk.send(draft);
    expect(await talk.send(draft)).toMatchObject({ duplicate: true, message: { id: first.message.id } });
    await settle(anns, ann);
    expect(heardOf(anns, id)).toEqual([]);
  });

  it("stays unseen after the block, when all else gets through again", async () => {
    const { ann, bob, id, anns } = await blocked();
    const unseen = await say(bob, id, "unseen");
    await ann.delete(`/v1/blocks/${bob.id}`);
    const seen = await say(bob, id, "seen");
    await anns.next("message:created", (one) => one.id === seen.id);
    // Whatever becomes of the unseen one, it does not come up.
    await talk.command(bob.id, { name: "message:edit", payload: { messageId: unseen.id, body: "boo" } });
    await talk.command(bob.id, {
      name: "message:delete",
      payload: { messageId: unseen.id, scope: "everyone" },
    });
    await settle(anns, ann);
    expect(anns.all("message:updated")).toEqual([]);
    expect(await bodies(ann, id)).toEqual(["hello", "hi", "seen"]);
  });

  it("is refused to the one who blocks, who knows why", async () => {
    const { ann, id, byBob, byAnn } = await blocked();
    const [refused] = await talk.sendAll([{ from: ann.id, conversationId: id }]);
    expect(reasonOf(refused)).toBe("forbidden:peer_blocked");
    for (const answer of [
      await ann.put(`/v1/messages/${byBob.id}/reactions/x`),
      await ann.put(`/v1/messages/${byBob.id}/pin`),
      await ann.patch(`/v1/messages/${byAnn.id}`, { body: "x" }),
    ]) {
      expect(answer).toMatchObject({ status: 403, body: { reason: "peer_blocked" } });
    }
    expect((await ann.delete(`/v1/messages/${byAnn.id}`)).status).toBe(204);
  });
});

describe("what a blocked person does", () => {
  it("to their own messages is theirs alone, but for deleting them", async () => {
    const { ann, bob, id, anns, bobs, byBob } = await blocked();
    const path = `/v1/messages/${byBob.id}`;
    expect((await bob.patch(path, { body: "read this" })).body.body).toBe("read this");
    await bobs.next("message:updated", (one) => one.body === "read this");
    await settle(anns, ann);
    expect(heardOf(anns, id)).toMatchObject([{ event: "message:hidden", payload: { messageId: byBob.id } }]);
    expect(await bodies(ann, id)).toEqual(["hello"]);

    const other = await blocked();
    expect((await other.bob.delete(`/v1/messages/${other.byBob.id}`)).status).toBe(204);
    await other.anns.next("message:updated", (one) => one.deletedAt !== null);
  });

  it("to the other one's messages succeeds, and does nothing", async () => {
    const { ann, bob, id, anns, byAnn } = await blocked();
    const path = `/v1/messages/${byAnn.id}`;
    expect(await bob.put(`${path}/reactions/x`)).toMatchObject({ status: 200, body: { reactions: [] } });
    expect(await bob.put(`${path}/pin`)).toMatchObject({ status: 200, body: { pinnedAt: null } });
    await settle(anns, ann);
    expect(heardOf(anns, id)).toEqual([]);
  });

  it("moves watermarks that the other one sees as they were, both ways", async () => {
    const { ann, bob, id, anns, bobs } = await pair();
    await talk.mark({ userId: bob.id, conversationId: id, readSeq: 1 });
    await ann.put(`/v1/blocks/${bob.id}`);
    await talk.mark({ userId: bob.id, conversationId: id, readSeq: 2 });
    await talk.mark({ userId: ann.id, conversationId: id, readSeq: 2 });
    const readOf = async (viewer: Person) => {
      const { members } = (await viewer.get(`/v1/conversations/${id}`)).body;
      const reads = members.map((one: { userId: string; readSeq: number }) => [one.userId, one.readSeq]);
      return Object.fromEntries(reads);
    };
    expect(await readOf(ann)).toEqual({ [ann.id]: 2, [bob.id]: 1 });
    expect(await readOf(bob)).toEqual({ [ann.id]: 0, [bob.id]: 2 });
    await settle(anns, ann);
    await settle(bobs, bob);
    expect(
      anns.all("receipt:updated").filter(({ userId, readSeq }) => userId === bob.id && readSeq > 1),
    ).toEqual([]);
    expect(bobs.all("receipt:updated").filter(({ userId }) => userId === ann.id)).toEqual([]);
    // In a sync, too; and all is as it is once the block has ended.
    const synced = (await bob.post("/v1/sync", { cursors: { [id]: 0 } })).body.conversations[0].members;
    expect(synced.find((one: { userId: string }) => one.userId === ann.id).readSeq).toBe(0);
    await ann.delete(`/v1/blocks/${bob.id}`);
    expect(await readOf(bob)).toEqual({ [ann.id]: 2, [bob.id]: 2 });
  });

  it("has nobody to hear their typing, and is not heard of", async () => {
    const { ann, bob, id } = await blocked();
    const access = (userId: string) => talk.rpc("access", { userId, conversationId: id });
    expect(await access(bob.id)).toEqual({ kind: "direct", peerId: null });
    expect(await access(ann.id)).toEqual({ kind: "direct", peerId: null });
    await ann.delete(`/v1/blocks/${bob.id}`);
    expect(await access(bob.id)).toEqual({ kind: "direct", peerId: ann.id });
  });
});

describe("a block", () => {
  it("holds in a conversation that is opened later, of which the other one does not hear", async () => {
    const [ann, bob] = [await service.person(), await service.person()];
    await ann.put(`/v1/blocks/${bob.id}`);
    const anns = await place.gateway.connect(ann.id);
    const made = await bob.post("/v1/conversations", { kind: "direct", userId: ann.id });
    expect(made.status).toBe(201);
    const { message } = await talk.send({ from: bob.id, to: ann.id, body: "hello" });
    expect(message.conversationId).toBe(made.body.id);
    await settle(anns, ann);
    expect(heardOf(anns, made.body.id)).toEqual([]);
    const listed = async () =>
      (await ann.get("/v1/conversations")).body.items.map((one: { id: string }) => one.id);
    expect(await listed()).not.toContain(made.body.id);
    const heads = await talk.command(ann.id, { name: "conversation:heads", payload: {} });
    const headIds = heads.heads.map((head: { conversationId: string }) => head.conversationId);
    expect(headIds).not.toContain(made.body.id);
    await ann.delete(`/v1/blocks/${bob.id}`);
    expect(await listed()).toContain(made.body.id);
  });

  it("and the opening of the conversation take turns, so that neither misses the other", async () => {
    const [ann, bob] = [await service.person(), await service.person()];
    const open = () => bob.post("/v1/conversations", { kind: "direct", userId: ann.id });
    let answers: Promise<unknown[]> | undefined;
    await place.stores.prisma.$transaction(async (tx) => {
      await tx.$queryRaw`SELECT id FROM users WHERE id IN (${ann.id}, ${bob.id}) ORDER BY id FOR UPDATE`;
      const opening = open();
      // It has written its rows by now, which nobody sees.
      await untilLockWait(place);
      answers = Promise.all([opening, ann.put(`/v1/blocks/${bob.id}`)]);
    });
    await answers;
    const rows = await place.stores.query(
      "SELECT user_id, blocks_peer, blocked_by_peer FROM conversation_members WHERE user_id IN (?) ORDER BY user_id",
      [[ann.id, bob.id]],
    );
    expect(rows).toEqual([
      { user_id: ann.id, blocks_peer: 1, blocked_by_peer: 0 },
      { user_id: bob.id, blocks_peer: 0, blocked_by_peer: 1 },
    ]);
  });

  it("of both sides ends when both have ended it", async () => {
    const { ann, bob, id } = await blocked();
    await bob.put(`/v1/blocks/${ann.id}`);
    await ann.delete(`/v1/blocks/${bob.id}`);
    const [byBob] = await talk.sendAll([{ from: bob.id, conversationId: id }]);
    expect(reasonOf(byBob)).toBe("forbidden:peer_blocked");
    await say(ann, id, "unheard");
    await bob.delete(`/v1/blocks/${ann.id}`);
    await say(ann, id, "heard");
    expect(await bodies(bob, id)).toEqual(["hello", "hi", "heard"]);
  });

  it("is listed and told to one's own devices, a repeat changes nothing, and it is of others who exist", async () => {
    const { ann, bob, anns, bobs } = await blocked();
    expect(await anns.next("block:changed")).toEqual({ userId: bob.id, blocked: true });
    expect((await ann.put(`/v1/blocks/${bob.id}`)).status).toBe(204);
    const other = await service.person();
    await ann.put(`/v1/blocks/${other.id}`);
    const page = (await ann.get("/v1/blocks?limit=1")).body;
    const rest = (await ann.get(`/v1/blocks?limit=1&cursor=${page.nextCursor}`)).body;
    const listed = [...page.items, ...rest.items].map((block) => block.user.id);
    expect(listed.sort()).toEqual([bob.id, other.id].sort());
    expect(rest.nextCursor).toBeNull();
    expect((await bob.get("/v1/blocks")).body.items).toEqual([]);
    expect((await ann.put(`/v1/blocks/${ann.id}`)).body.reason).toBe("yourself");
    expect(await ann.put("/v1/blocks/nobody")).toMatchObject({ status: 404, body: { reason: "user" } });
    expect((await ann.delete("/v1/blocks/nobody")).status).toBe(204);
    await settle(bobs, bob);
    expect(bobs.all("block:changed")).toEqual([]);
  });

  it("leaves groups as they are", async () => {
    const { ann, bob } = await blocked();
    const body = { kind: "group", title: "Ours", memberIds: [bob.id] };
    const { id } = (await ann.post("/v1/conversations", body)).body;
    const message = await say(bob, id, "in the group");
    expect(await bodies(ann, id)).toContain("in the group");
    expect((await ann.put(`/v1/messages/${message.id}/reactions/x`)).status).toBe(200);
  });
});
