import { describe, expect, it, vi } from "vitest";
import type { Client } from "./client.ts";
import { Holder } from "./holder.ts";
import { writeKey } from "./message-key.ts";

const message = (seq: number) => ({
  seq,
  revision: seq,
  clientMessageId: writeKey({ sender: 1, number: seq }),
});

/** A server that has so many messages, and gives two at a time. */
function scene(stored: number) {
  const request = vi.fn(async (_name: string, json: string) => {
    const cursor = (JSON.parse(json) as { cursors: { c: number } }).cursors.c;
    const messages = [cursor + 1, cursor + 2].filter((seq) => seq <= stored).map(message);
    return JSON.stringify({ ok: true, conversations: [{ messages, hasMore: false }] });
  });
  const client = { person: { index: 3 }, request } as unknown as Client;
  return { holder: new Holder(client, "c"), request };
}

describe("holder", () => {
  it("takes what comes in order, and drops repeats", () => {
    const { holder, request } = scene(0);
    for (const seq of [1, 2, 2, 1, 3]) holder.onMessage(message(seq));
    expect(holder.heard).toMatchObject({ listener: 3, conversationId: "c", last: 3, count: 3 });
    expect(request).not.toHaveBeenCalled();
  });

  it("asks until it has come as far as the head", async () => {
    const { holder, request } = scene(5);
    await holder.reach(5);
    expect(holder.last).toBe(5);
    expect(request).toHaveBeenCalledTimes(3);
  });

  it("fills a hole, and whoever asks meanwhile waits for the same", async () => {
    const { holder } = scene(4);
    holder.onMessage(message(1));
    holder.onMessage(message(4));
    await holder.reach(4);
    expect(holder.heard).toMatchObject({ last: 4, count: 4 });
  });

  it("asks again when the server did not get to it", async () => {
    const { holder, request } = scene(2);
    request.mockResolvedValueOnce('{"ok":false,"error":{"code":"timeout","retryAfterMs":1}}');
    await holder.reach(2);
    expect(holder.heard).toMatchObject({ last: 2, count: 2 });
    expect(holder.failures).toBe(1);
  });

  it("does not ask for ever for what is not there", async () => {
    const { holder } = scene(1);
    await expect(holder.reach(2)).rejects.toThrow("brought nothing");
  });
});
