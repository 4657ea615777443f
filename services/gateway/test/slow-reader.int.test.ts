import { until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createPlace, type Place } from "./harness.ts";
import { messageOf } from "./stand-in.ts";

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

  /** More than the kernel's buffers of both ends hold. */
  const flood = (userId: string, bytes: number, each: number) => {
    const body = "x".repeat(each);
    for (let seq = 1; seq <= bytes / each; seq++) {
      place.fanout.emit(
        { kind: "direct", userIds: [userId] },
        "message:created",
        messageOf("bob", { body }, seq),
      );
    }
  };
  const cutOff = (gateway: { url: string }, reason: string) =>
    place.metric(gateway, new RegExp(`^chat_gateway_slow_readers_total{.*reason="${reason}"`));

  it.each([
    ["bytes", { GATEWAY_SLOW_PACKETS: "100000" }, 14_000],
    ["packets", { GATEWAY_SLOW_BYTES: "100000000" }, 14_000],
    [
      "stuck",
      { GATEWAY_SLOW_PACKETS: "100000", GATEWAY_SLOW_BYTES: "100000000", GATEWAY_SLOW_MS: "200" },
      14_000,
    ],
  ])("is cut off for its %s, and nobody else", async (reason, settings, each) => {
    const gateway = await place.start({ GATEWAY_SLOW_CHECK_MS: "50", ...settings });
    const slow = await connectAndStopReading(place, gateway.url, "slow");
    const good = await place.connect(gateway.url, "slow");
    const idle = await place.connect(gateway.url, "idle");
    flood("slow", 16_000_000, each);
    await until(async () => (await cutOff(gateway, reason)) === 1, { timeoutMs: 15_000 });
    await until(async () => (await place.metric(gateway, "chat_gateway_connections")) === 2);
    const last = Math.floor(16_000_000 / each);
    await until(() => good.all("message:created").at(-1)?.seq === last, { timeoutMs: 15_000 });
    expect(await place.metric(gateway, "chat_gateway_slow_readers_total")).toBe(1);
    expect(await idle.ask("conversation:heads", {})).toMatchObject({ ok: true });
    slow.terminate();
  });
});
