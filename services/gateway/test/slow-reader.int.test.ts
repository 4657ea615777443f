import { until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Client, createPlace, type Place } from "./harness.ts";
import { messageOf } from "./stand-in.ts";

/** 420 kB of messages. */
const PIECE = 30;

/** Signs in, and then reads nothing more. */
async function connectAndStopReading(place: Place, url: string, userId: string): Promise<WebSocket> {
  const auth = JSON.stringify({ token: await place.sign(userId), protocol: 1 });
  const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    socket.on("message", (data) => {
      const text = String(data);
      if (text.startsWith("0")) socket.send(`40${auth}`);
      if (text.includes('"ready"')) resolve();
    });
  });
  socket.pause();
  return socket;
}

describe("a client that stops reading", () => {
  let place: Place;
  beforeAll(async () => {
    place = await createPlace();
  });
  afterAll(() => place[Symbol.asyncDispose]());

  /**
   * Until one is cut off: how much the kernel's buffers of both ends hold is the machine's own. In pieces below
   * every limit, so that who reads is never behind by more than one.
   */
  const flood = async (userId: string, reader: Client, isCutOff: () => Promise<boolean>) => {
    const body = "x".repeat(14_000);
    for (let seq = 1; !(await isCutOff()); seq += PIECE) {
      if (seq * body.length > 100_000_000) throw new Error("100 MB were written, and nobody was cut off");
      for (let next = seq; next < seq + PIECE; next++) {
        const message = messageOf("bob", { body }, next);
        place.fanout.emit({ kind: "direct", userIds: [userId] }, "message:created", message);
      }
      const last = seq + PIECE - 1;
      await until(() => reader.all("message:created").at(-1)?.seq === last, { timeoutMs: 15_000 });
    }
  };
  const cutOff = (gateway: { url: string }, reason: string) =>
    place.metric(gateway, new RegExp(`^chat_gateway_slow_readers_total{.*reason="${reason}"`));

  it.each([
    ["bytes", { GATEWAY_SLOW_PACKETS: "100000" }],
    ["packets", { GATEWAY_SLOW_BYTES: "100000000" }],
    ["stuck", { GATEWAY_SLOW_PACKETS: "100000", GATEWAY_SLOW_BYTES: "100000000", GATEWAY_SLOW_MS: "500" }],
  ])("is cut off for its %s, and nobody else", async (reason, settings) => {
    const gateway = await place.start({ GATEWAY_SLOW_CHECK_MS: "50", ...settings });
    const slow = await connectAndStopReading(place, gateway.url, "slow");
    const good = await place.connect(gateway.url, "slow");
    const idle = await place.connect(gateway.url, "idle");
    await flood("slow", good, async () => (await cutOff(gateway, reason)) === 1);
    await until(async () => (await place.metric(gateway, "chat_gateway_connections")) === 2);
    expect(await place.metric(gateway, "chat_gateway_slow_readers_total")).toBe(1);
    expect(await idle.ask("conversation:heads", {})).toMatchObject({ ok: true });
    slow.terminate();
  });
});
