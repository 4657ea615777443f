import { until } from "@confab/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { WebSocket } from "ws";
import { createPlace, type Place } from "./harness.ts";

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

/** Signs in, and then reads but answers nothing. */
async function connectSilently(url: string, userId: string) {
  const auth = JSON.stringify({ token: await place.sign(userId), protocol: 1 });
  const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
  const heard: string[] = [];
  let hasEnded = false;
  socket.on("close", () => {
    hasEnded = true;
  });
  await new Promise<void>((resolve) => {
    socket.on("message", (data) => {
      const text = String(data);
      heard.push(text);
      if (text.startsWith("0")) socket.send(`40${auth}`);
      if (text.includes('"ready"')) resolve();
    });
  });
  return { heard, hasEnded: () => hasEnded };
}

it("pings keep who answers, and close who does not", async () => {
  // Who has not answered by the next ping is closed; a client waits longer, and may be held up as this machine may.
  const gateway = await place.start({ GATEWAY_PING_INTERVAL_MS: "300", GATEWAY_PING_TIMEOUT_MS: "10000" });
  const present = await place.connect(gateway.url, "present");
  let pings = 0;
  present.socket.io.on("ping", () => {
    pings += 1;
  });
  const silent = await connectSilently(gateway.url, "silent");
  await until(silent.hasEnded);
  expect(silent.heard.filter((text) => text === "2")).toHaveLength(1);
  await until(() => pings >= 5);
  expect(present.socket.connected).toBe(true);
  const ended = 'chat_gateway_disconnects_total{reason="ping timeout"';
  expect(await place.metric(gateway, ended)).toBe(1);
});
