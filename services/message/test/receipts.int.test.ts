import type { Watermarks } from "@confab/contract";
import { insertConversation, insertMessages, insertUsers, until, withRandom } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type MessageService, type Person, type Place } from "./harness.ts";
import { reasonOf, type Talk, talkTo, untilLockWait } from "./talk.ts";

let place: Place;
let service: MessageService;
let second: MessageService;
let talk: Talk;
let other: Talk;
let ann: string;
let ben: Person;
let eve: string;

beforeAll(async () => {
  place = await createPlace();
  [service, second] = [await place.start(), await place.start()];
  [talk, other] = [talkTo(service), talkTo(second)];
  [ann, eve] = (await insertUsers(place.stores, 2)) as [string, string];
  ben = await service.person();
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await second[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** A group of Ann and Ben in which Ann has said so much. */
async function groupWith(count: number): Promise<string> {
  const conversationId = await insertConversation(place.stores, { kind: "group", memberIds: [ann, ben.id] });
  if (count > 0) await insertMessages(place.stores, { conversationId, senderId: ann, count });
  return conversationId;
}
const stored = async (conversationId: string, userId = ben.id) => {
  const [row] = await place.stores.query(
    "SELECT delivered_seq, read_seq FROM conversation_members WHERE conversation_id = ? AND user_id = ?",
    [conversationId, userId],
  );
  return [row?.delivered_seq, row?.read_seq];
};

describe("P6: watermarks", () => {
  it("are clamped to the head, what is read was delivered, and the answer says where they are", async () => {
    const conversationId = await groupWith(9);
    const at = (deliveredSeq: number, readSeq: number) => ({
      conversationId,
      userId: ben.id,
      deliveredSeq,
      readSeq,
    });
    const post = async (body: object) =>
      (await ben.post(`/v1/conversations/${conversationId}/receipts`, body)).body as Watermarks;
    expect(await post({ deliveredSeq: 4 })).toEqual(at(4, 0));
    expect(await post({ readSeq: 6 })).toEqual(at(6, 6));
    expect(await post({ deliveredSeq: 2, readSeq: 3 })).toEqual(at(6, 6));
    expect(await post({ deliveredSeq: 4_000_000_000 })).toEqual(at(9, 6));
    expect(await stored(conversationId)).toEqual([9, 6]);
    expect((await ben.post(`/v1/conversations/${conversationId}/receipts`, {})).status).toBe(400);
  });

  it("never go back, whatever order marks arrive in and wherever", async () => {
    await withRandom(async (random) => {
      const conversationId = await groupWith(50);
      const marks = Array.from({ length: 120 }, () => ({
        userId: ben.id,
        conversationId,
        [random.chance(0.5) ? "readSeq" : "deliveredSeq"]: random.int(0, 50),
      }));
      let [lastDelivered, lastRead] = [0, 0];
      const watching = { stop: false };
      const watch = (async () => {
        while (!watching.stop) {
          const [delivered, read] = (await stored(conversationId)) as [number, number];
          expect(delivered).toBeGreaterThanOrEqual(lastDelivered);
          expect(read).toBeGreaterThanOrEqual(lastRead);
          expect(read).toBeLessThanOrEqual(delivered);
          [lastDelivered, lastRead] = [delivered, read];
        }
      })();
      await Promise.all(marks.map((mark, index) => (index % 2 ? talk : other).mark(mark)));
      watching.stop = true;
      await watch;
      const highest = (key: "readSeq" | "deliveredSeq") =>
        Math.max(0, ...marks.map((mark) => (mark as Partial<Record<string, number>>)[key] ?? 0));
      const read = highest("readSeq");
      expect(await stored(conversationId)).toEqual([Math.max(read, highest("deliveredSeq")), read]);
    });
  });

  it("do not go back where another process has moved them further in the meantime", async () => {
    const conversationId = await groupWith(9);
    const where = { conversationId: BigInt(conversationId), userId: ben.id };
    let marking: Promise<unknown> | undefined;
    await place.stores.prisma.$transaction(async (tx) => {
      await tx.conversationMember.updateMany({ where, data: { deliveredSeq: 9, readSeq: 8 } });
      marking = talk.mark({ userId: ben.id, conversationId, readSeq: 5 });
      await untilLockWait(place);
    });
    await marking;
    expect(await stored(conversationId)).toEqual([9, 8]);
  });

  it("are heard once when they move, by both or by the group, and not at all when they do not", async () => {
    const conversationId = await groupWith(5);
    const device = await place.gateway.connect(ann, [conversationId]);
    const mark = (readSeq: number) => ({ userId: ben.id, conversationId, readSeq });
    await talk.mark(mark(1), mark(3), mark(2));
    await device.next("receipt:updated", (receipt) => receipt.readSeq === 3);
    await talk.mark(mark(3), mark(1));
    await talk.mark(mark(5));
    await device.next("receipt:updated", (receipt) => receipt.readSeq === 5);
    expect(device.all("receipt:updated").map((receipt) => receipt.readSeq)).toEqual([3, 5]);
  });

  it("are told to the person's own devices alone in a group of more than a hundred", async () => {
    const people = await insertUsers(place.stores, 100);
    const memberIds = [ann, ...people];
    const conversationId = await insertConversation(place.stores, { kind: "group", memberIds });
    await insertMessages(place.stores, { conversationId, senderId: ann, count: 3 });
    const reader = people[0] as string;
    const [anns, readers] = [
      await place.gateway.connect(ann, [conversationId]),
      await place.gateway.connect(reader, [conversationId]),
    ];
    await talk.mark({ userId: reader, conversationId, readSeq: 2 });
    await readers.next("receipt:updated", (receipt) => receipt.readSeq === 2);
    await talk.send({ from: reader, conversationId, body: "the end" });
    await anns.next("message:created", (message) => message.body === "the end");
    expect(anns.all("receipt:updated")).toEqual([]);
  });

  it("are refused to strangers and to those who left, whose neighbours in the batch are served", async () => {
    const conversationId = await groupWith(5);
    const outcomes = await talk.mark(
      { userId: eve, conversationId, readSeq: 1 },
      { userId: ben.id, conversationId, readSeq: 2 },
      { userId: ben.id, conversationId: "99999999", readSeq: 2 },
    );
    expect(outcomes.map((outcome) => reasonOf(outcome) ?? "ok")).toEqual([
      "not_found:conversation",
      "ok",
      "not_found:conversation",
    ]);
    expect(await stored(conversationId)).toEqual([2, 2]);
  });

  it("do not fail because somebody else of the batch, who had marked it unread, leaves meanwhile", async () => {
    const leaver = await service.person();
    const memberIds = [ann, ben.id, leaver.id];
    const conversationId = await insertConversation(place.stores, { kind: "group", memberIds });
    await insertMessages(place.stores, { conversationId, senderId: ann, count: 5 });
    const unread = { conversationId, seq: 2 };
    await talk.command(leaver.id, { name: "receipt:unread", payload: unread });
    const where = { conversationId: BigInt(conversationId), userId: leaver.id };
    let marking: ReturnType<typeof talk.mark> | undefined;
    await place.stores.prisma.$transaction(async (tx) => {
      await tx.conversationMember.updateMany({ where, data: { leftAt: new Date() } });
      marking = talk.mark(
        { userId: leaver.id, conversationId, readSeq: 5 },
        { userId: ben.id, conversationId, readSeq: 4 },
      );
      await untilLockWait(place);
    });
    expect((await marking)?.map((outcome) => reasonOf(outcome) ?? "ok")).toEqual(["ok", "ok"]);
    expect(await stored(conversationId)).toEqual([4, 4]);
  });
});

describe("P6: unread", () => {
  const unread = async (conversationId: string) => {
    const { body } = await ben.get(`/v1/conversations/${conversationId}`);
    return [body.unreadCount, body.mentionCount];
  };

  it("counts what others said after the watermark, and who was mentioned", async () => {
    const conversationId = await groupWith(0);
    expect(await unread(conversationId)).toEqual([0, 0]);
    const send = async (from: string, more: object = {}) =>
      (await talk.send({ from, conversationId, ...more })).message;
    await send(ann);
    await send(ann, { mentions: [ben.id] });
    await send(ben.id);
    const gone = await send(ann, { mentions: [ben.id] });
    const hidden = await send(ann);
    const last = await send(ann, { mentions: [ann, ben.id] });
    expect(await unread(conversationId)).toEqual([5, 3]);
    await talk.command(ann, { name: "message:delete", payload: { messageId: gone.id, scope: "everyone" } });
    await talk.command(ben.id, { name: "message:delete", payload: { messageId: hidden.id, scope: "me" } });
    expect(await unread(conversationId)).toEqual([3, 2]);
    await talk.mark({ userId: ben.id, conversationId, readSeq: 1 });
    expect(await unread(conversationId)).toEqual([2, 2]);
    await talk.mark({ userId: ben.id, conversationId, readSeq: last.seq });
    expect(await unread(conversationId)).toEqual([0, 0]);
  });

  it("stops counting at a hundred", async () => {
    const conversationId = await groupWith(300);
    expect(await unread(conversationId)).toEqual([100, 0]);
    await talk.mark({ userId: ben.id, conversationId, readSeq: 201 });
    await until(async () => (await unread(conversationId))[0] === 99);
  });
});
