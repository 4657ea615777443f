import { until } from "@confab/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { aMessage, createPlace, errorOf, keepLog, type Place } from "./harness.ts";

describe("stopping", () => {
  let place: Place;
  beforeEach(async () => {
    place = await createPlace();
  });
  afterEach(() => place[Symbol.asyncDispose]());

  it("tells everyone when to come back, and sends them away over the window", async () => {
    let turn = 0;
    const random = () => {
      turn += 1;
      return (turn % 10) / 10;
    };
    const gateway = await place.start({ GATEWAY_DRAIN_WINDOW_MS: "1000" }, { random });
    const ended: { toldMs: number; afterMs: number }[] = [];
    let startedMs = 0;
    const clients = await Promise.all(
      Array.from({ length: 20 }, async (_, n) => {
        const client = await place.connect(gateway.url, `person-${n}`);
        client.socket.on("disconnect", () => {
          const toldMs = client.all("server:draining")[0]?.reconnectInMs ?? -1;
          ended.push({ toldMs, afterMs: performance.now() - startedMs });
        });
        return client;
      }),
    );
    turn = 0;
    startedMs = performance.now();
    await gateway[Symbol.asyncDispose]();
    await until(() => ended.length === 20);
    // A plain client of Socket.IO comes back by itself after this, and not after "io server disconnect".
    for (const client of clients) expect(await client.ended()).toMatch(/transport/);
    expect(ended.map(({ toldMs }) => toldMs).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, n) => Math.floor(n / 2) * 100),
    );
    // A busy machine sends people away late, but never before their moment; timers may be a millisecond early.
    for (const { toldMs, afterMs } of ended) expect(afterMs).toBeGreaterThan(toldMs - 5);
  });

  it("lets commands finish, takes no new ones, and refuses newcomers", async () => {
    const gateway = await place.start({
      GATEWAY_DRAIN_ACKS_MS: "15000",
      GATEWAY_COMMAND_DEADLINE_MS: "20000",
    });
    const ada = await place.connect(gateway.url, "ada");
    place.services.sendGate.close();
    const sending = ada.ask("message:send", aMessage("on its way"));
    await until(() => place.services.sendBatches.length === 1);
    const stopped = gateway[Symbol.asyncDispose]();
    await ada.next("server:draining");
    const late = errorOf(await ada.ask("message:send", aMessage("too late")));
    expect(late).toMatchObject({ code: "unavailable", reason: "draining" });
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
    await place.refusal(gateway.url, { token: await place.sign("bob") });
    expect(await place.metric(gateway, /upgrades_refused_total{.*unavailable/)).toBe(1);
    place.services.sendGate.open();
    expect(await sending).toMatchObject({ ok: true });
    await stopped;
  });

  it("gives the leases back before it ends", async () => {
    const patient = { GATEWAY_DRAIN_ACKS_MS: "5000", GATEWAY_PRESENCE_DEADLINE_MS: "15000" };
    const gateway = await place.start(patient);
    const clients = await Promise.all(["ada", "bob"].map((userId) => place.connect(gateway.url, userId)));
    const ids = clients.map(({ socket }) => socket.id).toSorted();
    place.services.leaseGate.close();
    const stopped = gateway[Symbol.asyncDispose]();
    for (const client of clients) await client.ended();
    // Until then its port stays open.
    for (let n = 0; n < 20; n++) expect((await fetch(`${gateway.url}/livez`)).status).toBe(200);
    place.services.leaseGate.open();
    await stopped;
    const closed = place.services.leases.filter(({ change }) => change === "close");
    expect(closed.map(({ connectionId }) => connectionId).toSorted()).toEqual(ids);
    expect(closed.every(({ left }) => left === false)).toBe(true);
  });

  it("does not wait for who reads nothing or has not signed in", async () => {
    const { log, logged } = keepLog("warn");
    const gateway = await place.start({}, { log });
    const idle = new WebSocket(`${gateway.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
    await new Promise((resolve) => idle.addEventListener("message", resolve));
    await gateway[Symbol.asyncDispose]();
    // A step that took too long would have been given up.
    expect(logged).toEqual([]);
    await expect(fetch(`${gateway.url}/livez`)).rejects.toThrow();
  });
});
