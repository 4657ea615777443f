/** A group of a thousand costs what a group of three costs, except for what is said about each person. */
import { insertConversation, insertMessages, insertUsers, until } from "@confab/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { addMember, removeMember } from "../src/conversations/members.ts";
import { storeBatch } from "../src/messages/send.ts";
import { createSender } from "../src/messages/sender.ts";
import { createMarker } from "../src/receipts/marker.ts";
import { createPlace, type Place } from "./harness.ts";
import { createMeter, type Meter, READS, WRITES } from "./meter.ts";

const MANY = 1000;
const MESSAGES = 5;
let place: Place;
let meter: Meter;
let people: string[];
let ann: string;
/** Three people, and a thousand. */
let small: string;
let large: string;

beforeAll(async () => {
  place = await createPlace();
  meter = await createMeter(place);
  people = await insertUsers(place.stores, MANY);
  ann = people[0] as string;
  small = await insertConversation(place.stores, { kind: "group", memberIds: people.slice(0, 3) });
  large = await insertConversation(place.stores, { kind: "group", memberIds: people });
  for (const conversationId of [small, large])
    await insertMessages(place.stores, { conversationId, senderId: ann, count: MESSAGES });
});
afterAll(async () => {
  await meter[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

const message = (conversationId: string) => ({
  senderId: ann,
  authority: "member" as const,
  conversationId,
  message: { clientMessageId: crypto.randomUUID(), kind: "text" as const, body: "to everybody" },
});
/** Packets that come of some work: looks until as many were taken as are wanted, and no more. */
async function publishesOf(work: () => Promise<unknown>, wanted: number): Promise<void> {
  const before = await meter.publishes();
  await work();
  await until(async () => (await meter.publishes()) - before >= wanted, { describe: `${wanted} publishes` });
  expect((await meter.publishes()) - before).toBe(wanted);
}

it("stores one message with one commit and one row, and publishes it once", async () => {
  const names = [...WRITES, ...READS];
  // Ids come in blocks.
  await storeBatch(meter.ctx, [message(small)]);
  const inSmall = await meter.costOf(() => storeBatch(meter.ctx, [message(small)]), names);
  const inLarge = await meter.costOf(() => storeBatch(meter.ctx, [message(large)]), names);
  expect(inLarge).toEqual(inSmall);
  expect(inLarge).toMatchObject({ Com_commit: 1, Com_insert: 1, Handler_write: 1, Handler_update: 1 });
  const sender = createSender(meter.ctx);
  await publishesOf(() => sender.send([message(large)]), 1);
});

it("stores what a thousand people have read in a few commits, one row and one publish for each", async () => {
  const marker = createMarker(meter.ctx);
  const read = (readSeq: number) =>
    marker.mark(people.map((userId) => ({ userId, conversationId: large, readSeq })));
  // Whether the group is a large one is asked once in a minute.
  await publishesOf(() => marker.mark([{ userId: ann, conversationId: large, deliveredSeq: 1 }]), 1);
  let cost: Record<string, number> = {};
  await publishesOf(async () => {
    cost = await meter.costOf(() => read(MESSAGES), WRITES);
  }, MANY);
  expect(cost.Com_commit).toBeLessThanOrEqual(3);
  expect(cost.Com_update_multi).toBeLessThanOrEqual(3);
  expect(cost.Com_select).toBeLessThanOrEqual(3);
  expect(cost).toMatchObject({ Com_update: 0, Com_insert: 0, Handler_write: 0, Handler_update: MANY });
  await publishesOf(async () => {
    cost = await meter.costOf(() => read(MESSAGES - 1), WRITES);
  }, 0);
  expect(cost).toMatchObject({ Com_update_multi: 0, Handler_update: 0 });
});

it("lets somebody in and out with as many statements and rows as in a group of three", async () => {
  const [newcomer] = (await insertUsers(place.stores, 1)) as [string];
  meter.ctx.caches.knownUsers.set(newcomer, true);
  const join = (conversationId: string) =>
    addMember(meter.ctx, { actorId: ann, conversationId, userId: newcomer });
  const leave = (conversationId: string) =>
    removeMember(meter.ctx, { actorId: ann, conversationId, userId: newcomer });
  const names = [...WRITES, "Com_delete", "Handler_delete"];
  for (const change of [join, leave]) {
    const inSmall = await meter.costOf(() => change(small), names);
    const inLarge = await meter.costOf(() => change(large), names);
    expect(inLarge).toEqual(inSmall);
    expect(inLarge.Com_commit).toBe(1);
  }
});
