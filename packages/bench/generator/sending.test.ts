import { describe, expect, it, vi } from "vitest";
import type { Client } from "./client.ts";
import { nowMs } from "./clock.ts";
import { merge } from "./latency.ts";
import { Ledger } from "./ledger.ts";
import { writeKey } from "./message-key.ts";
import { Sending, type Talk } from "./sending.ts";

/** Two people, and frames as a server would send them. */
function scene({ hearsOwn = true } = {}) {
  const ledger = new Ledger({ hearsOwn, keepsOrder: true });
  const onDone = vi.fn();
  const sending = new Sending({ ledger, hearsOwn, bodyBytes: 10, onDone });
  const people = [0, 1].map((index) => {
    const send = vi.fn();
    return { client: { person: { index, userId: `p${index}` }, send } as unknown as Client, send };
  });
  const [a, b] = people.map(({ client }) => client) as [Client, Client];
  const talk: Talk = { id: "c", members: [a, b], senders: [a, b], begun: 0 };
  const frame = (seq: number, sender: number, number: number) =>
    `{"conversationId":"c","seq":${seq},"clientMessageId":"${writeKey({ sender, number })}"}`;
  return { ledger, sending, onDone, people, a, b, talk, frame };
}
const ack = (seq: number) => `{"ok":true,"message":{"seq":${seq}}}`;
const refusal = (code: string) => `{"ok":false,"error":{"code":"${code}"}}`;

describe("sending", () => {
  it("is done with a message when it is acknowledged and the other has heard it", () => {
    const { sending, onDone, a, b, talk, frame } = scene();
    sending.send(talk, nowMs());
    sending.onAck(a, 0, ack(1));
    expect(onDone).not.toHaveBeenCalled();
    sending.onMessage(b, frame(1, 0, 0));
    expect(onDone).toHaveBeenCalledExactlyOnceWith(talk, false);
    expect(sending.inFlight).toBe(1);
    sending.onMessage(a, frame(1, 0, 0));
    expect(sending.inFlight).toBe(0);
  });

  it("lets people write in turn, with the size that was asked for", () => {
    const { sending, people, talk } = scene();
    sending.send(talk, nowMs());
    sending.send(talk, nowMs());
    for (const { send } of people) {
      expect(send).toHaveBeenCalledOnce();
      const [name, json, number] = send.mock.calls[0] as [string, string, number];
      expect([name, number]).toEqual(["message:send", 0]);
      expect(JSON.parse(json)).toMatchObject({ conversationId: "c", body: "xxxxxxxxxx" });
    }
  });

  it("counts in its window alone, and measures from the intended time", () => {
    const { sending, a, b, talk, frame } = scene({ hearsOwn: false });
    sending.send(talk, nowMs());
    sending.onAck(a, 0, ack(1));
    sending.onMessage(b, frame(1, 0, 0));
    sending.openWindow();
    sending.send(talk, nowMs());
    // Meant before the window: it counts for throughput, not for latency.
    sending.send(talk, nowMs() - 5000);
    sending.onAck(b, 0, ack(2));
    sending.onAck(a, 1, ack(3));
    sending.closeWindow();
    sending.onMessage(a, frame(2, 1, 0));
    const report = sending.report();
    expect(report).toMatchObject({ acked: 2, delivered: 0 });
    expect(merge([report.ackLatency]).totalCount).toBe(1);
    expect(merge([report.deliveryLatency]).totalCount).toBe(1);
  });

  it("keeps what has no answer, or one that settles nothing, among the open ones", () => {
    const { sending, onDone, a, b, talk } = scene();
    sending.send(talk, nowMs());
    sending.send(talk, nowMs());
    sending.send(talk, nowMs());
    sending.onAck(a, 0, refusal("unavailable"));
    sending.onAck(b, 0, refusal("rate_limited"));
    expect(sending.report().refused).toEqual({ unavailable: 1, rate_limited: 1 });
    expect(onDone).toHaveBeenCalledWith(talk, true);
    expect(sending.inFlight).toBe(1);
    expect(sending.open()).toEqual(new Map([["c", [0, 0, 0, 1]]]));
  });

  it("notices a second answer, and a message that comes once too often", () => {
    const { sending, ledger, a, b, talk, frame } = scene({ hearsOwn: false });
    sending.send(talk, nowMs());
    sending.onAck(a, 0, ack(1));
    sending.onAck(a, 0, ack(1));
    sending.onMessage(b, frame(1, 0, 0));
    sending.onMessage(b, frame(2, 0, 0));
    expect(ledger.testify(new Map()).faultCount).toBe(2);
  });
});
