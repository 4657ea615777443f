/** What things cost, counted and not timed. */
import { insertConversation, insertMessages, insertUsers, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { MessageContext } from "../src/context.ts";
import { listMessages } from "../src/messages/list.ts";
import { addReaction } from "../src/messages/react.ts";
import { storeBatch } from "../src/messages/send.ts";
import { createSender } from "../src/messages/sender.ts";
import { markReceipts } from "../src/receipts/mark.ts";
import { countUnread } from "../src/receipts/unread.ts";
import { indexConversations } from "../src/search/indexer.ts";
import { sync, syncAll } from "../src/sync.ts";
import { createPlace, type Place } from "./harness.ts";
import { createMeter, type Meter, READS, WRITES } from "./meter.ts";

let place: Place;
let meter: Meter;
let ctx: MessageContext;
let ann: string;
let ben: string;

beforeAll(async () => {
  place = await createPlace();
  meter = await createMeter(place);
  ctx = meter.ctx;
  [ann, ben] = (await insertUsers(place.stores, 2)) as [string, string];
});
afterAll(async () => {
  await meter[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});
const costOf: Meter["costOf"] = (work, names) => meter.costOf(work, names);
const publishes = () => meter.publishes();

const group = (...memberIds: string[]) => insertConversation(place.stores, { kind: "group", memberIds });
const items = (conversationIds: string[], count: number) =>
  Array.from({ length: count }, (_, index) => ({
    senderId: ann,
    authority: "member" as const,
    conversationId: conversationIds[index % conversationIds.length] as string,
    message: { clientMessageId: crypto.randomUUID(), kind: "text" as const, body: `n${index}` },
  }));

it("syncs of 16 people are the two round trips of one, and say the same", async () => {
  const people = await insertUsers(place.stores, 16);
  const asked = await Promise.all(
    people.map(async (userId) => {
      const id = await group(ann, userId);
      await storeBatch(ctx, items([id], 2));
      return { userId, cursors: { [id]: 2 } };
    }),
  );
  const stranger = { userId: ben, cursors: asked[0]?.cursors ?? {} };
  const all = [...asked.slice(1), stranger];
  const query = vi.spyOn(ctx.sql.pool, "query");
  const replies = await syncAll(ctx, all);
  expect(query).toHaveBeenCalledTimes(2);
  query.mockRestore();
  expect(replies).toEqual(await Promise.all(all.map((one) => sync(ctx, one))));
  expect(replies[0]).toMatchObject({ conversations: [{ messages: [{ seq: 2 }] }] });
  expect(replies.at(-1)).toEqual({ conversations: [], unknown: Object.keys(stranger.cursors) });
});

describe("a batch of 64 messages", () => {
  it("in eight large groups is one commit, one row a message, one statement for the heads", async () => {
    const people = [ann, ...(await insertUsers(place.stores, 300))];
    const groups = await Promise.all(Array.from({ length: 8 }, () => group(...people)));
    const batch = items(groups, 64);
    const cost = await costOf(() => storeBatch(ctx, batch), WRITES);
    expect(cost).toMatchObject({ Com_commit: 1, Com_insert: 1, Com_update: 1, Com_select: 2 });
    expect(cost.Handler_write).toBe(64);
    expect(cost.Handler_update).toBe(8);
  });

  it("is published once each, to one room in a group and to two between two people", async () => {
    const [room, direct] = [
      await group(ann, ben),
      await insertConversation(place.stores, { kind: "direct", memberIds: [ann, ben] }),
    ];
    const sender = createSender(ctx);
    for (const [id, rooms] of [
      [room, 1],
      [direct, 2],
    ] as const) {
      const before = await publishes();
      await sender.send(items([id], 64));
      await until(async () => (await publishes()) - before >= 64 * rooms, { describe: "all are published" });
      expect((await publishes()) - before).toBe(64 * rooms);
    }
  });

  it("in one thread costs two rows a reply, one for the root and one for each who follows, still in one commit", async () => {
    const id = await group(ann, ben);
    const [started] = (await storeBatch(ctx, items([id], 1))).created;
    const threadRootId = started?.message.id as string;
    const replies = items([id], 64).map((item) => ({ ...item, message: { ...item.message, threadRootId } }));
    const cost = await costOf(() => storeBatch(ctx, replies), WRITES);
    expect(cost).toMatchObject({ Com_commit: 1, Com_insert: 3, Com_update: 1, Com_update_multi: 1 });
    const [counts] = await place.stores.query(
      `SELECT (SELECT COUNT(*) FROM messages WHERE conversation_id = ?) AS messages,
         (SELECT COUNT(*) FROM thread_replies WHERE root_id = ?) AS replies,
         (SELECT COUNT(*) FROM thread_members WHERE root_id = ?) AS followers`,
      [id, threadRootId, threadRootId],
    );
    expect(counts).toEqual({ messages: 65, replies: 64, followers: 1 });
  });

  it("that was sent before is refused by its key, looked for, and changes nothing", async () => {
    const batch = items([await group(ann, ben)], 8);
    await storeBatch(ctx, batch);
    const cost = await costOf(() => storeBatch(ctx, batch), WRITES);
    expect(cost).toMatchObject({ Com_insert: 1, Com_update: 0, Handler_update: 0 });
    const rows = await place.stores.query(
      "SELECT COUNT(*) AS messages FROM messages WHERE conversation_id = ?",
      [batch[0]?.conversationId],
    );
    expect(rows).toEqual([{ messages: 8 }]);
  });
});

describe("a page of history", () => {
  it("reads at most 51 messages, at any depth of the conversation", async () => {
    const conversationId = await group(ann, ben);
    await insertMessages(place.stores, { conversationId, senderId: ann, count: 1000 });
    for (const position of [{}, { before: 900 }, { before: 60 }, { after: 500 }, { around: 500 }]) {
      const cost = await costOf(
        () => listMessages(ctx, { userId: ben, conversationId, limit: 50, ...position }),
        READS,
      );
      expect((cost.Handler_read_next ?? 0) + (cost.Handler_read_prev ?? 0)).toBeLessThanOrEqual(51);
      // Whether each was hidden, whether each has reactions, and who asks.
      expect(cost.Handler_read_key).toBeLessThanOrEqual(2 * 51 + 20);
    }
  });

  it("asks for reactions only where there are some, and for those messages alone", async () => {
    const conversationId = await group(ann, ben);
    const ids = await insertMessages(place.stores, { conversationId, senderId: ann, count: 60 });
    const page = () => listMessages(ctx, { userId: ben, conversationId, limit: 50 });
    // Who asks, and the messages.
    expect(await costOf(page, ["Com_select"])).toEqual({ Com_select: 2 });
    await addReaction(ctx, { actorId: ann, messageId: ids[55] as string, emoji: "👍" });
    expect(await costOf(page, ["Com_select"])).toEqual({ Com_select: 3 });
    const reacted = (await page()).items.filter(({ reactions }) => reactions.length > 0);
    expect(reacted.map(({ id }) => id)).toEqual([ids[55]]);
  });
});

describe("a batch of receipts", () => {
  it("is one commit and one row for each watermark that moves, and nothing when none does", async () => {
    const people = await insertUsers(place.stores, 40);
    const conversationId = await group(...people);
    await insertMessages(place.stores, { conversationId, senderId: people[0] as string, count: 9 });
    const marks = people.flatMap((userId) =>
      [3, 9, 5].map((deliveredSeq) => ({ userId, conversationId, deliveredSeq })),
    );
    // Whether a group is a large one is asked once in a minute.
    const atFirst = await publishes();
    await markReceipts(ctx, [{ userId: people[1] as string, conversationId, deliveredSeq: 1 }]);
    await until(async () => (await publishes()) > atFirst);
    const before = await publishes();
    const cost = await costOf(() => markReceipts(ctx, marks), WRITES);
    expect(cost).toMatchObject({ Com_commit: 1, Com_update_multi: 1, Com_select: 1 });
    expect(cost.Handler_update).toBe(40);
    await until(async () => (await publishes()) - before === 40, { describe: "40 publishes" });
    const repeat = await costOf(() => markReceipts(ctx, marks), WRITES);
    expect(repeat).toMatchObject({ Com_update_multi: 0, Handler_update: 0 });
    expect((await publishes()) - before).toBe(40);
  });
});

describe("counting what is unread", () => {
  it("reads a bounded part of any backlog", async () => {
    const conversationId = await group(ann, ben);
    await insertMessages(place.stores, { conversationId, senderId: ann, count: 3000 });
    const cost = await costOf(() => countUnread(ctx.prisma, ben, [conversationId]), READS);
    // A hundred to count, and of the last thousand who is named in them.
    expect(cost.Handler_read_next).toBeLessThanOrEqual(1110);
    const own = await costOf(() => countUnread(ctx.prisma, ann, [conversationId]), READS);
    expect(own.Handler_read_next).toBeLessThanOrEqual(1010);
  });
});

describe("a sync", () => {
  it("asks the same number of queries for one conversation and for a hundred, and none for messages when nothing changed", async () => {
    const many = await Promise.all(Array.from({ length: 100 }, () => group(ann, ben)));
    for (const id of many)
      await insertMessages(place.stores, { conversationId: id, senderId: ann, count: 1 });
    const ask = (ids: string[], cursor: number) =>
      costOf(
        () => sync(ctx, { userId: ben, cursors: Object.fromEntries(ids.map((id) => [id, cursor])) }),
        ["Questions"],
      );
    // The conversations, their members, and what changed in them.
    expect(await ask(many.slice(0, 1), 0)).toEqual({ Questions: 3 });
    expect(await ask(many, 0)).toEqual({ Questions: 3 });
    expect(await ask(many, 2)).toEqual({ Questions: 2 });
    // Where the next revisions are no message's, one statement more for all such conversations.
    await place.stores.query(
      `UPDATE conversations SET revision = 900 WHERE id IN (${many.slice(0, 50).join()})`,
    );
    expect(await ask(many, 1)).toEqual({ Questions: 4 });
  });
});

describe("the search index", () => {
  const index = (ids: string[]) => indexConversations(ctx, ids);

  it("takes in what was said in 150 conversations with eight statements and a row a message", async () => {
    const rooms = await Promise.all(Array.from({ length: 150 }, () => group(ann, ben)));
    const talk = () =>
      Promise.all(
        rooms.map((conversationId) =>
          insertMessages(place.stores, { conversationId, senderId: ann, count: 2 }),
        ),
      );
    await talk();
    await index(rooms);
    await talk();
    const cost = await costOf(() => index(rooms), [...WRITES, "Questions"]);
    expect(cost).toMatchObject({ Com_commit: 1, Com_select: 3, Com_insert: 1, Com_update: 1 });
    // These, and those that begin.
    expect(cost.Questions).toBeLessThanOrEqual(8);
    expect(cost).toMatchObject({ Handler_write: 300, Handler_update: 150 });
    expect(await costOf(() => index(rooms), WRITES)).toMatchObject({ Com_select: 2, Handler_update: 0 });
  });

  it("reads what has changed and no more, however long the conversation", async () => {
    const conversationId = await group(ann, ben);
    await insertMessages(place.stores, { conversationId, senderId: ann, count: 2000 });
    await index([conversationId]);
    await insertMessages(place.stores, { conversationId, senderId: ann, count: 3 });
    const cost = await costOf(() => index([conversationId]), READS);
    expect((cost.Handler_read_next ?? 0) + (cost.Handler_read_key ?? 0)).toBeLessThanOrEqual(20);
  });

  it("takes a long history, and long texts, in several transactions, and misses nothing", async () => {
    const [many, long, brief] = [await group(ann, ben), await group(ann, ben), await group(ann, ben)];
    await insertMessages(place.stores, { conversationId: many, senderId: ann, count: 1200 });
    await insertMessages(place.stores, {
      conversationId: long,
      senderId: ann,
      count: 40,
      body: (seq) => `${seq} `.padEnd(16_384, "long "),
    });
    await insertMessages(place.stores, { conversationId: brief, senderId: ann, count: 1 });
    const cost = await costOf(() => index([many, long, brief]), WRITES);
    // One that finds no marks, three for the long texts, two more for the rest of the history.
    expect(cost.Com_commit).toBeGreaterThanOrEqual(5);
    const rows = await place.stores.query(
      `SELECT COUNT(t.message_id) AS terms, c.revision = s.revision AS done FROM conversations c
       JOIN search_heads s ON s.conversation_id = c.id JOIN message_terms t ON t.conversation_id = c.id
       WHERE c.id IN (?, ?, ?) GROUP BY c.id, done ORDER BY c.id`,
      [many, long, brief],
    );
    expect(rows).toEqual([1200, 40, 1].map((terms) => ({ terms, done: 1 })));
  });
});
