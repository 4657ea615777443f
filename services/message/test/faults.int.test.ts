import type { Message } from "@confab/contract";
import {
  createCut,
  insertConversation,
  insertMessages,
  insertUsers,
  startStopwatch,
  until,
} from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, type Place } from "./harness.ts";
import { talkTo } from "./talk.ts";

let place: Place;
let ann: string;
let ben: string;
let room: string;

beforeAll(async () => {
  place = await createPlace();
  [ann, ben] = (await insertUsers(place.stores, 2)) as [string, string];
  room = await insertConversation(place.stores, { kind: "group", memberIds: [ann, ben] });
});
afterAll(() => place[Symbol.asyncDispose]());

const seqsOf = async (key: string) =>
  (
    await place.stores.query("SELECT seq FROM messages WHERE dedupe = UNHEX(?)", [key.replaceAll("-", "")])
  ).map((row) => row.seq);

describe("P1: with the realtime Redis", () => {
  it.each(["cut", "freeze"] as const)(
    "%s, sends are acknowledged at once, and heard of later",
    async (fault) => {
      await using cut = await createCut(place.stores.redisRealtimeUrl);
      await using service = await place.start({ REDIS_REALTIME_URL: cut.url });
      const talk = talkTo(service);
      const device = await place.gateway.connect(ben, [room]);
      const isKnown = ({ id, revision }: Message) =>
        device.all("head").some(({ revisions }) => (revisions[room] ?? 0) >= revision) ||
        device.all("message:created").some((heard) => heard.id === id);
      // The service has found Redis by then, at the first or at the second attempt.
      const first = await talk.send({ from: ann, conversationId: room, body: "before" });
      await until(() => isKnown(first.message), { timeoutMs: 15_000, describe: "Ben's device hears" });
      const failed = await failedPublishes(service);
      await cut[fault]();
      const { message } = await talk.send({ from: ann, conversationId: room, body: "meanwhile" });
      if (fault === "freeze") {
        // The sender did not wait until a Redis that is silent was given up on.
        expect(await failedPublishes(service)).toBe(failed);
        // What was published would otherwise simply arrive late.
        await until(async () => (await failedPublishes(service)) > failed, { timeoutMs: 15_000 });
      }
      await cut.heal();
      const describe = "Ben's device knows that there is more";
      await until(() => isKnown(message), { timeoutMs: 15_000, describe });
    },
  );
});

const failedPublishes = async (service: { call: Awaited<ReturnType<Place["start"]>>["call"] }) => {
  const { body } = await service.call("GET", "/metrics");
  const line = (body as string).split("\n").find((text) => /^chat_adapter_publish_total{.*failed/.test(text));
  return Number(line?.split(" ").at(-1) ?? 0);
};

describe("P10: with MySQL", () => {
  it("away, a send is refused at once as one that may be tried again, and then is stored once", async () => {
    await using cut = await createCut(place.stores.mysqlUrl);
    await using service = await place.start({ MYSQL_URL: cut.url });
    const talk = talkTo(service);
    const draft = { from: ann, conversationId: room, clientMessageId: crypto.randomUUID() };
    await talk.send({ from: ann, conversationId: room });
    await cut.cut();
    using waited = startStopwatch();
    await expect(talk.send(draft)).rejects.toMatchObject({
      code: "unavailable",
      retryAfterMs: expect.any(Number),
    });
    expect(waited.awakeMs).toBeLessThan(3500);
    await cut.heal();
    await until(() => talk.send(draft).then(() => true), { timeoutMs: 10_000, everyMs: 100 });
    expect(await seqsOf(draft.clientMessageId)).toHaveLength(1);
  });

  it("frozen, a send ends within its deadline, what follows is not lost, and nothing is stored twice", async () => {
    await using cut = await createCut(place.stores.mysqlUrl);
    await using service = await place.start({ MYSQL_URL: cut.url });
    const talk = talkTo(service);
    await talk.send({ from: ann, conversationId: room });
    const drafts = Array.from({ length: 5 }, () => ({
      from: ann,
      conversationId: room,
      clientMessageId: crypto.randomUUID(),
    }));
    cut.freeze();
    using waited = startStopwatch();
    const outcomes = await talk.sendAll(drafts);
    expect(waited.awakeMs).toBeLessThan(3500);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({
        ok: false,
        error: { code: expect.stringMatching(/^(timeout|unavailable)$/) },
      });
    }
    await cut.heal();
    for (const draft of drafts) {
      await until(() => talk.send(draft).then(() => true), { timeoutMs: 15_000, everyMs: 100 });
      expect(await seqsOf(draft.clientMessageId)).toHaveLength(1);
    }
  });

  it("answering too late, a message that was committed all the same is told, and its repeat acknowledged", async () => {
    await using cut = await createCut(place.stores.mysqlUrl);
    await using service = await place.start({ MYSQL_URL: cut.url });
    const talk = talkTo(service);
    const device = await place.gateway.connect(ben, [room]);
    const draft = { from: ann, conversationId: room, clientMessageId: crypto.randomUUID(), body: "slow" };
    await talk.send({ from: ann, conversationId: room });
    // Both answers together take longer than a send may; the transaction itself may take a little more.
    cut.delay(800);
    await expect(talk.send(draft)).rejects.toMatchObject({ code: "timeout", reason: "send_timeout" });
    const heard = await device.next(
      "message:created",
      ({ clientMessageId }) => clientMessageId === draft.clientMessageId,
    );
    await cut.heal();
    expect(await until(() => talk.send(draft), { timeoutMs: 15_000, everyMs: 100 })).toMatchObject({
      duplicate: true,
      message: { id: heard.id, seq: heard.seq },
    });
    expect(await seqsOf(draft.clientMessageId)).toEqual([heard.seq]);
  });
});

describe("P4: a process that died between commit and publish", () => {
  it("left a message that others learn of when it is sent again", async () => {
    await using service = await place.start();
    const device = await place.gateway.connect(ben, [room]);
    const [id] = await insertMessages(place.stores, {
      conversationId: room,
      senderId: ann,
      count: 1,
      body: () => "x",
    });
    const [row] = await place.stores.query(
      "SELECT LOWER(HEX(dedupe)) AS k, revision FROM messages WHERE id = ?",
      [id],
    );
    const clientMessageId = String(row?.k).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
    const repeat = await talkTo(service).send({
      from: ann,
      conversationId: room,
      clientMessageId,
      body: "x",
    });
    expect(repeat).toMatchObject({ duplicate: true, message: { id } });
    await device.next("head", ({ revisions }) => revisions[room] === row?.revision);
    expect(device.all("message:created")).toEqual([]);
  });
});
