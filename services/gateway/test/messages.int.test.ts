import type { Watermarks } from "@confab/contract";
import { createManualClock, until } from "@confab/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { aMessage, createPlace, errorOf, type Place } from "./harness.ts";

const GENEROUS = JSON.stringify({
  send: { burst: 10_000, perSecond: 1000 },
  receipt: { burst: 10_000, perSecond: 1000 },
});

describe("sending (P1, P2)", () => {
  const clock = createManualClock(Date.now());
  let place: Place;
  let url: string;
  beforeAll(async () => {
    place = await createPlace();
    url = (await place.start({ GATEWAY_RATE_LIMITS: GENEROUS }, { clock })).url;
  });
  afterEach(() => {
    place.services.sendGate.open();
    place.services.sendBatches.length = 0;
  });
  afterAll(() => place[Symbol.asyncDispose]());

  it("puts what arrives while a request is under way into the next one, in order", async () => {
    const ada = await place.connect(url, "ada");
    const bob = await place.connect(url, "bob");
    place.services.sendGate.close();
    const first = ada.ask("message:send", aMessage("first"));
    await until(() => place.services.sendBatches.length === 1);
    const bodies = Array.from({ length: 100 }, (_, n) => `ada ${n}`);
    const later = bodies.map((body) => ada.ask("message:send", aMessage(body)));
    // Bob's answer comes after everything that ada sent has arrived.
    await ada.ask("conversation:heads", {});
    const other = bob.ask("message:send", aMessage("bob"));
    await bob.ask("conversation:heads", {});
    place.services.sendGate.open();
    const acks = await Promise.all([first, ...later, other]);
    expect(acks.every(({ ok }) => ok)).toBe(true);
    expect(place.services.sendBatches.map(({ length }) => length)).toEqual([1, 64, 37]);
    const sent = place.services.sendBatches.flat().map(({ message }) => message.body);
    expect(sent).toEqual(["first", ...bodies, "bob"]);
    expect(new Set(place.services.sendBatches.flat().map(({ actorId }) => actorId))).toEqual(
      new Set(["ada", "bob"]),
    );
  });

  it("refuses one message without touching its neighbours", async () => {
    const ada = await place.connect(url, "ada");
    const acks = await Promise.all(
      ["one", "refuse", "two"].map((body) => ada.ask("message:send", aMessage(body))),
    );
    expect(acks.map(({ ok }) => ok)).toEqual([true, false, true]);
    expect(errorOf(acks[1] as never)).toMatchObject({ code: "forbidden", reason: "blocked" });
    expect(acks[2]).toMatchObject({ message: { body: "two", senderId: "ada" }, duplicate: false });
  });

  it("says timeout when the outcome is unknown, and does not send what nobody waits for any more", async () => {
    const impatient = await place.start({ GATEWAY_COMMAND_DEADLINE_MS: "2000" }, { clock });
    const ada = await place.connect(impatient.url, "ada");
    place.services.sendGate.close();
    const hanging = ada.ask("message:send", aMessage("hangs"));
    await until(() => place.services.sendBatches.length === 1);
    const waiting = ada.ask("message:send", aMessage("waits"));
    await ada.ask("conversation:heads", {});
    clock.advance(2500);
    expect(errorOf(await hanging)).toMatchObject({ code: "timeout" });
    expect(errorOf(await waiting)).toMatchObject({ code: "timeout" });
    place.services.sendGate.open();
    expect(await ada.ask("message:send", aMessage("again"))).toMatchObject({ ok: true });
    const sent = place.services.sendBatches.flat().map(({ message }) => message.body);
    expect(sent).toEqual(["hangs", "again"]);
  });

  it("says unavailable while the message service is away, and goes on afterwards", async () => {
    const ada = await place.connect(url, "ada");
    place.services.down.add("/internal/messages");
    const ack = await ada.ask("message:send", aMessage("lost?"));
    place.services.down.clear();
    expect(errorOf(ack)).toMatchObject({ code: "unavailable" });
    expect(await ada.ask("message:send", aMessage("again"))).toMatchObject({ ok: true });
  });
});

describe("receipts (P6)", () => {
  let place: Place;
  let url: string;
  beforeAll(async () => {
    place = await createPlace();
    url = (await place.start({ GATEWAY_RATE_LIMITS: GENEROUS })).url;
  });
  afterAll(() => place[Symbol.asyncDispose]());

  it("become one item per person and conversation, the furthest mark, and each gets its answer", async () => {
    const ada = await place.connect(url, "ada");
    const bob = await place.connect(url, "bob");
    place.services.receiptGate.close();
    const first = ada.ask("receipt:delivered", { conversationId: "1", seq: 1 });
    await until(() => place.services.receiptBatches.length === 1);
    const later = [
      ...[5, 9, 7].map((seq) => ada.ask("receipt:delivered", { conversationId: "1", seq })),
      ada.ask("receipt:read", { conversationId: "1", seq: 6 }),
      ada.ask("receipt:read", { conversationId: "2", seq: 3 }),
    ];
    await ada.ask("conversation:heads", {});
    later.push(bob.ask("receipt:read", { conversationId: "1", seq: 4 }));
    await bob.ask("conversation:heads", {});
    place.services.receiptGate.open();
    const acks = (await Promise.all([first, ...later])) as ({ ok: true } & Watermarks)[];
    expect(place.services.receiptBatches).toEqual([
      [{ userId: "ada", conversationId: "1", deliveredSeq: 1 }],
      [
        { userId: "ada", conversationId: "1", deliveredSeq: 9, readSeq: 6 },
        { userId: "ada", conversationId: "2", readSeq: 3 },
        { userId: "bob", conversationId: "1", readSeq: 4 },
      ],
    ]);
    expect(acks.map(({ deliveredSeq }) => deliveredSeq)).toEqual([1, 9, 9, 9, 9, 3, 4]);
  });

  it("that fail leave nothing behind", async () => {
    const ada = await place.connect(url, "ada");
    place.services.down.add("/internal/receipts");
    const mark = { conversationId: "1", seq: 20 };
    expect(errorOf(await ada.ask("receipt:read", mark))).toMatchObject({ code: "unavailable" });
    place.services.down.clear();
    expect(await ada.ask("receipt:read", mark)).toMatchObject({ ok: true, readSeq: 20 });
  });
});
