import type { HistoryPage, Message, SyncReply } from "@confab/contract";
import { insertConversation, insertMessages, insertUsers, type Random, withRandom } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";
import { openSessions, type Talk, talkTo } from "./talk.ts";

let place: Place;
let service: MessageService;
let talks: [Talk, Talk];
let second: MessageService;
let ann: Person;
let ben: string;
let eve: string;

beforeAll(async () => {
  place = await createPlace();
  [service, second] = [await place.start(), await place.start()];
  talks = [talkTo(service), talkTo(second)];
  ann = await service.person();
  [ben, eve] = (await insertUsers(place.stores, 2)) as [string, string];
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const group = (...memberIds: string[]) => insertConversation(place.stores, { kind: "group", memberIds });
const sync = async (cursors: Record<string, number>, who = ann): Promise<SyncReply> =>
  (await who.post("/v1/sync", { cursors })).body as SyncReply;

/** A device that knows nothing but what sync tells it, in portions, until there is no more. */
async function catchUp(held: Map<number, Message>, conversationId: string, from: number): Promise<number> {
  for (let cursor = from; ; ) {
    const synced = (await sync({ [conversationId]: cursor })).conversations[0];
    if (!synced) throw new Error("the conversation is unknown");
    for (const message of synced.messages) held.set(message.seq, message);
    if (!synced.hasMore) return synced.revision;
    cursor = synced.messages.at(-1)?.revision as number;
  }
}

/** One change somebody might make, or that comes to nothing. */
async function change(random: Random, conversationId: string, sent: Message[]): Promise<void> {
  const talk = random.pick(talks);
  const actor = random.pick([ann.id, ben, eve]);
  if (sent.length === 0 || random.chance(0.4)) {
    const draft = { from: actor, conversationId, body: `n${random.int(0, 999)}` };
    const replyToId = random.chance(0.3) && sent.length > 0 ? random.pick(sent).id : null;
    const { message } = await talk.send({ ...draft, replyToId });
    sent.push(message);
    return;
  }
  const messageId = random.pick(sent).id;
  const emoji = random.pick(["👍", "🎉", "👀"]);
  await talk.command(
    actor,
    random.pick([
      { name: "message:edit", payload: { messageId, body: `edited ${random.int(0, 999)}` } },
      { name: "message:delete", payload: { messageId, scope: "everyone" } },
      { name: "message:pin", payload: { messageId } },
      { name: "message:unpin", payload: { messageId } },
      { name: "reaction:add", payload: { messageId, emoji } },
      { name: "reaction:add", payload: { messageId, emoji } },
      { name: "reaction:remove", payload: { messageId, emoji } },
    ] as const),
  );
}

describe("P4: sync", () => {
  it("folds to the server's state, from any moments of a random run, and revisions are dense", async () => {
    await withRandom(async (random) => {
      const conversationId = await group(ann.id, ben, eve);
      const held = new Map<number, Message>();
      const sent: Message[] = [];
      let cursor = 0;
      for (let round = 0; round < 40; round++) {
        const changes = Array.from({ length: random.int(1, 6) }, () => change(random, conversationId, sent));
        const caught = random.chance(0.5) ? catchUp(held, conversationId, cursor) : undefined;
        await Promise.allSettled(changes);
        if (caught) cursor = await caught;
      }
      const revision = await catchUp(held, conversationId, cursor);
      const { items } = (await ann.get(`/v1/conversations/${conversationId}/messages?after=0&limit=100`))
        .body as HistoryPage;
      // A quote is of the moment when it was sent or last changed: its original may have changed since.
      const bare = (message: Message) => ({ ...message, replyTo: message.replyTo?.id ?? null });
      const folded = [...held.values()].sort((one, next) => one.seq - next.seq);
      expect(folded.slice(0, 100).map(bare)).toEqual(items.map(bare));
      const [row] = await place.stores.query(
        "SELECT COUNT(DISTINCT revision) AS changed, MAX(revision) AS last FROM messages WHERE conversation_id = ?",
        [conversationId],
      );
      expect(row?.changed).toBe(held.size);
      expect(row?.last).toBe(revision);
    });
  });

  it("walks a long absence in portions, oldest change first, also where what is old has changed lately", async () => {
    const conversationId = await group(ann.id, ben);
    await insertMessages(place.stores, { conversationId, senderId: ben, count: 450 });
    const id = BigInt(conversationId);
    // As if the first 210 had been edited, one after the other.
    await place.stores.prisma.$executeRaw`
      UPDATE messages SET revision = revision + 450 WHERE conversation_id = ${id} AND seq <= 210`;
    await place.stores.prisma.$executeRaw`UPDATE conversations SET revision = 661 WHERE id = ${id}`;
    const seqs: number[] = [];
    for (let cursor = 0, portion = 0; ; portion++) {
      const synced = (await sync({ [conversationId]: cursor })).conversations[0];
      expect(synced?.messages.length).toBe([200, 200, 50][portion]);
      expect(synced).toMatchObject({ revision: 661, hasMore: portion < 2, conversation: { lastSeq: 450 } });
      seqs.push(...(synced?.messages ?? []).map((message) => message.seq));
      cursor = synced?.messages.at(-1)?.revision as number;
      if (!synced?.hasMore) break;
    }
    const range = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index);
    expect(seqs).toEqual([...range(211, 450), ...range(1, 210)]);
    expect((await sync({ [conversationId]: 661 })).conversations[0]).toMatchObject({
      messages: [],
      hasMore: false,
      members: [{ userId: ann.id }, { userId: ben }],
    });
  });

  it("spreads its reply over many conversations, and every one of them can be walked to its end", async () => {
    const ids = await Promise.all(Array.from({ length: 30 }, () => group(ann.id, ben)));
    for (const conversationId of ids) {
      await insertMessages(place.stores, { conversationId, senderId: ben, count: 60 });
    }
    const reply = await sync(Object.fromEntries(ids.map((id) => [id, 0])));
    expect(reply.conversations).toHaveLength(30);
    expect(reply.conversations.every((one) => one.hasMore && one.messages.length > 0)).toBe(true);
    const held = new Map<number, Message>();
    await catchUp(held, ids[7] as string, 0);
    expect(held.size).toBe(60);
  });

  it("calls unknown what is not there, and in the same way what is not the caller's", async () => {
    const [foreign, left] = [await group(ben, eve), await group(ann.id, ben)];
    await place.stores.prisma.conversationMember.updateMany({
      where: { conversationId: BigInt(left), userId: ann.id },
      data: { leftAt: new Date() },
    });
    const reply = await sync({ [foreign]: 0, [left]: 0, "99999999": 3 });
    expect(reply).toEqual({
      conversations: [],
      unknown: expect.arrayContaining([foreign, left, "99999999"]),
    });
    expect(await sync({})).toEqual({ conversations: [], unknown: [] });
  });
});

describe("heads", () => {
  it("open a session: rooms, watermarks, the most recently active first", async () => {
    const [person] = (await insertUsers(place.stores, 1)) as [string];
    const older = await group(person, ben);
    const direct = await insertConversation(place.stores, { kind: "direct", memberIds: [person, ben] });
    await talks[0].send({ from: ben, conversationId: direct });
    await talks[0].send({ from: ben, conversationId: older });
    await talks[0].mark({ userId: person, conversationId: older, readSeq: 1 });
    const [session] = await openSessions(talks[1], { userId: person });
    if (!session?.ok) throw new Error("refused");
    expect(session.value).toMatchObject({
      displayName: `Person ${person}`,
      groupIds: [older],
      hasMore: false,
      heads: [
        { conversationId: older, revision: 2, lastSeq: 1, deliveredSeq: 1, readSeq: 1 },
        { conversationId: direct, revision: 2, lastSeq: 1, deliveredSeq: 0, readSeq: 0 },
      ],
    });
    expect(await talks[0].command(person, { name: "conversation:heads", payload: {} })).toMatchObject({
      heads: session.value.heads,
    });
  });

  it("of many people are asked for at once, in conversations that were active lately", async () => {
    const [one, two] = (await insertUsers(place.stores, 2)) as [string, string];
    const [fresh, stale] = [await group(one, two), await group(one)];
    const longAgo = new Date(Date.now() - 3 * 86_400_000);
    await place.stores.prisma.conversation.update({
      where: { id: BigInt(stale) },
      data: { createdAt: longAgo, lastMessageAt: longAgo },
    });
    expect(await talks[0].rpc("revisions", { userIds: [one, two, "nobody"] })).toMatchObject({
      revisions: { [one]: { [fresh]: 1 }, [two]: { [fresh]: 1 } },
      groupIds: { [one]: [fresh, stale].sort(), [two]: [fresh], nobody: [] },
    });
  });
});

describe("access", () => {
  it("is granted to members, with the other person of a direct conversation", async () => {
    const direct = await insertConversation(place.stores, { kind: "direct", memberIds: [ann.id, ben] });
    const room = await group(ben, eve);
    const ask = (userId: string, conversationId: string) =>
      talks[0].rpc("access", { userId, conversationId });
    expect(await ask(ben, direct)).toEqual({ kind: "direct", peerId: ann.id });
    expect(await ask(ben, room)).toEqual({ kind: "group", peerId: null });
    await expect(ask(ann.id, room)).rejects.toMatchObject({ code: "not_found" });
  });
});
