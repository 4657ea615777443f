import { until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { aMessage, type Client, createPlace, errorOf, keepLog, type Place } from "./harness.ts";

/** Anything at all, as a client that keeps to no contract would emit it. */
const emitRaw = ({ socket }: Client, ...args: unknown[]): Promise<never> =>
  (socket.timeout(20_000) as unknown as { emitWithAck(...args: unknown[]): Promise<never> }).emitWithAck(
    ...(args as [string]),
  );

const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);

describe("commands", () => {
  let place: Place;
  let url: string;
  const { log, logged } = keepLog("info");
  beforeAll(async () => {
    place = await createPlace();
    url = (await place.start({}, { log })).url;
  });
  afterAll(() => place[Symbol.asyncDispose]());

  it("forwards what the message service decides, in the name of the socket's person", async () => {
    const ada = await place.connect(url, "ada");
    expect(await ada.ask("message:delete", { messageId: "5" })).toEqual({ ok: true });
    expect(place.services.commands.at(-1)).toEqual({
      actorId: "ada",
      command: { name: "message:delete", payload: { messageId: "5", scope: "everyone" } },
    });
  });

  it.each([
    ["an unknown event", ["no:such"], "unknown_event"],
    ["a name that every object has", ["constructor", {}], "unknown_event"],
    ["the prototype's name", ["__proto__", {}], "unknown_event"],
    ["a payload that is missing", ["message:send"], "invalid:clientMessageId"],
    ["a payload that is a string", ["message:send", "hello"], "invalid:payload"],
    ["a payload that is null", ["message:delete", null], "invalid:messageId"],
    ["a list for a payload", ["receipt:read", [1, 2]], "invalid:payload"],
    ["a field too many", ["message:delete", { messageId: "1", isAdmin: true }], "invalid:payload"],
    ["a body too long", ["message:send", aMessage("x".repeat(20_000))], "too_large:body"],
    ["binary data", ["message:delete", { messageId: Buffer.from("1") }], "binary"],
    ["binary metadata", ["message:send", { ...aMessage("x"), metadata: { a: Buffer.from("1") } }], "binary"],
    ["nesting without end", ["message:send", { ...aMessage("x"), metadata: nested(500) }], "too_deep"],
  ])("refuses %s", async (_what, args, reason) => {
    const ada = await place.connect(url, "ada");
    const ack = await emitRaw(ada, ...args);
    expect(errorOf(ack)).toMatchObject({
      code: String(reason).startsWith("too_large") ? "too_large" : "invalid",
      requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(errorOf(ack).reason).toMatch(reason);
    expect(await ada.ask("conversation:heads", {})).toMatchObject({ ok: true });
  });

  it("survives a frame that is nothing but brackets", async () => {
    const before = await place.metric({ url }, /^chat_gateway_event_duration_seconds_count{.*invalid/);
    const auth = JSON.stringify({ token: await place.sign("eve"), protocol: 1 });
    const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    const answered = new Promise<string>((resolve) => {
      socket.addEventListener("message", ({ data }) => {
        const text = String(data);
        if (text.startsWith("0")) socket.send(`40${auth}`);
        else if (text.startsWith("40"))
          socket.send(`421["message:send",${"[".repeat(30_000)}${"]".repeat(30_000)}]`);
        else if (text.startsWith("43")) resolve(text);
      });
    });
    expect(await answered).toContain("too_deep");
    socket.close();
    expect(await place.metric({ url }, /^chat_gateway_event_duration_seconds_count{.*invalid/)).toBe(
      before + 1,
    );
  });

  it("lets nothing into a prototype", async () => {
    const ada = await place.connect(url, "ada");
    const before = place.services.sendBatches.length;
    const polluted = JSON.parse(
      '{"conversationId":"1","clientMessageId":"8f14e45f-ceea-467f-9575-6f2d1c0d1b5e","body":"x","metadata":{"__proto__":{"polluted":true}}}',
    );
    await emitRaw(ada, "message:send", polluted);
    const own = JSON.parse('{"messageId":"1","__proto__":{"scope":"me"}}');
    expect(errorOf(await emitRaw(ada, "message:delete", own))).toMatchObject({ code: "invalid" });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    for (const { message } of place.services.sendBatches.slice(before).flat()) {
      expect(JSON.stringify(message)).not.toContain("polluted");
    }
  });

  it("needs no ack function and ignores what is too much", async () => {
    const ada = await place.connect(url, "ada");
    const before = place.services.commands.length;
    const raw = ada.socket as unknown as { emit(...args: unknown[]): void };
    raw.emit("message:delete", { messageId: "77" });
    raw.emit("no:such");
    raw.emit("error", { messageId: "77" });
    expect(await emitRaw(ada, "message:delete", { messageId: "78" }, "more", { and: "more" })).toEqual({
      ok: true,
    });
    await until(() => place.services.commands.length === before + 2);
  });

  it("takes a heads question without a payload", async () => {
    const ada = await place.connect(url, "ada");
    expect(await emitRaw(ada, "conversation:heads")).toMatchObject({ ok: true, heads: [] });
  });

  it("ends a connection that sends a frame too large or too many attachments, and only that", async () => {
    const ada = await place.connect(url, "ada");
    const eve = await place.connect(url, "eve");
    eve.socket.emit("message:send", aMessage("x".repeat(70_000)));
    expect(await eve.ended()).toMatch(/transport/);
    const mallory = await place.connect(url, "mallory");
    const bombs = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [n, Buffer.alloc(8)]));
    void emitRaw(mallory, "message:send", bombs).catch(() => undefined);
    expect(await mallory.ended()).toMatch(/transport|server/);
    expect(await ada.ask("conversation:heads", {})).toMatchObject({ ok: true });
  });

  it("answers timeout when the deadline passes, and unavailable when nobody is there", async () => {
    const impatient = await place.start({ GATEWAY_COMMAND_DEADLINE_MS: "1000" });
    const eve = await place.connect(impatient.url, "eve");
    place.services.commandGate.close();
    expect(errorOf(await eve.ask("message:delete", { messageId: "1" }))).toMatchObject({ code: "timeout" });
    place.services.commandGate.open();
    place.services.presenceGate.close();
    const watching = errorOf(await eve.ask("presence:watch", { userIds: ["bob"] }));
    expect(watching).toMatchObject({ code: "timeout", reason: "command_timeout" });
    place.services.presenceGate.open();
    const ada = await place.connect(url, "ada");
    place.services.down.add("/internal/commands");
    const ack = errorOf(await ada.ask("message:delete", { messageId: "1" }));
    place.services.down.clear();
    expect(ack).toMatchObject({ code: "unavailable" });
  });

  it("counts every event by a name of the contract", async () => {
    const { url: fresh } = await place.start();
    const ada = await place.connect(fresh, "ada");
    expect(await ada.ask("conversation:heads", {})).toMatchObject({ ok: true });
    for (const name of ["x:one", "x:two"]) await emitRaw(ada, name);
    const count = (labels: string) =>
      place.metric({ url: fresh }, new RegExp(`^chat_gateway_event_duration_seconds_count{.*${labels}`));
    expect(await count('event="conversation:heads",result="ok"')).toBe(1);
    expect(await count('event="unknown",result="invalid"')).toBe(2);
    expect(await place.metric({ url: fresh }, /x:one/)).toBe(0);
  });

  it("logs no word of what was said, and no token", async () => {
    const token = await place.sign("ada");
    const ada = await place.connect(url, "ada");
    await ada.ask("message:send", aMessage("a secret between us"));
    await ada.ask("auth:refresh", { token });
    expect(logged.join("")).not.toMatch(/a secret between us|eyJ/);
    expect(logged.join("")).not.toMatch(/a command failed/);
  });
});

describe("limits", () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace();
  });
  afterAll(() => place[Symbol.asyncDispose]());

  it("are per person, over all their sockets and gateways, and say when to try again", async () => {
    const settings = { GATEWAY_RATE_LIMITS: JSON.stringify({ change: { burst: 4, perSecond: 0.01 } }) };
    const [first, second] = [await place.start(settings), await place.start(settings)];
    const phone = await place.connect(first.url, "ada");
    const laptop = await place.connect(second.url, "ada");
    const bob = await place.connect(first.url, "bob");
    for (let n = 0; n < 4; n++)
      expect(await phone.ask("message:delete", { messageId: "1" })).toEqual({ ok: true });
    const here = errorOf(await phone.ask("message:delete", { messageId: "1" }));
    expect(here).toMatchObject({
      code: "rate_limited",
      reason: "limit:change",
      retryAfterMs: expect.any(Number),
    });
    const answers = [];
    for (let n = 0; n < 4; n++) answers.push((await laptop.ask("message:delete", { messageId: "1" })).ok);
    expect(answers.at(-1)).toBe(false);
    expect(await bob.ask("message:delete", { messageId: "1" })).toEqual({ ok: true });
  });

  it("end a connection that does not mind them", async () => {
    const { url } = await place.start({
      GATEWAY_STRIKES: "20",
      GATEWAY_RATE_LIMITS: JSON.stringify({ change: { burst: 5, perSecond: 0.01 } }),
    });
    const eve = await place.connect(url, "eve");
    const ada = await place.connect(url, "ada");
    for (let n = 0; n < 40; n++) eve.socket.emit("message:delete", { messageId: "1" });
    expect(await eve.ended()).toBe("io server disconnect");
    expect(await ada.ask("message:delete", { messageId: "1" })).toEqual({ ok: true });
  });

  it("end a connection that floods with nonsense", async () => {
    const { url } = await place.start({ GATEWAY_STRIKES: "20" });
    const eve = await place.connect(url, "eve");
    const raw = eve.socket as unknown as { emit(...args: unknown[]): void };
    for (let n = 0; n < 40; n++) raw.emit("no:such", n);
    expect(await eve.ended()).toBe("io server disconnect");
  });
});
