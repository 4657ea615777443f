import { ChatError, ROUTES } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { createFakeClock } from "../testing/fake-clock.ts";
import { createPublisher, type Publication, type PublisherOptions } from "./publisher.ts";

interface Asked {
  token: string | null;
  items: (Publication & { clientMessageId: string })[];
}
type Fate = "ok" | "lost" | ChatError | ((item: Publication) => ChatError | undefined);

/** A message service of which each answer is decided beforehand; those that are not are good. */
function publishing(fates: Fate[] = [], options: Partial<PublisherOptions> = {}) {
  const clock = createFakeClock();
  const asked: Asked[] = [];
  const stored = new Map<string, number>();
  const refuse = (error: ChatError) =>
    Response.json({ ...error.toWire(), status: 0 }, { status: error.code === "invalid" ? 400 : 503 });
  const fakeFetch = async (url: URL, init: RequestInit) => {
    expect([init.method, url.pathname]).toEqual([ROUTES.publish.method, ROUTES.publish.path]);
    const { items } = JSON.parse(init.body as string) as Asked;
    asked.push({ token: new Headers(init.headers).get("authorization"), items });
    const fate = fates.shift() ?? "ok";
    if (fate instanceof ChatError) return refuse(fate);
    if (items.some((item) => item.body === "broken")) return refuse(new ChatError("invalid"));
    const results = items.map((item) => {
      const error = typeof fate === "function" ? fate(item) : undefined;
      if (error) return { error: error.toWire() };
      const duplicate = stored.has(item.clientMessageId);
      const seq = stored.get(item.clientMessageId) ?? stored.size + 1;
      stored.set(item.clientMessageId, seq);
      return { messageId: String(seq), conversationId: "1", seq, duplicate };
    });
    if (fate === "lost") throw new TypeError("fetch failed");
    return Response.json({ results });
  };
  const publisher = createPublisher({
    url: "http://confab.test",
    token: "cfs_1_secret",
    fetch: fakeFetch as unknown as typeof fetch,
    clock,
    random: () => 0.5,
    ...options,
  });
  return { publisher, asked, stored, clock };
}

const items = (count: number): Publication[] =>
  Array.from({ length: count }, (_, n) => ({ conversationId: "1", body: `m${n}` }));
const sizes = (asked: Asked[]) => asked.map((one) => one.items.length);
const seqs = (outcomes: object[]) => outcomes.map((outcome) => ("seq" in outcome ? outcome.seq : undefined));

describe("publish", () => {
  it("sends any number in batches of 100, in order, with one outcome for each", async () => {
    const { publisher, asked } = publishing();
    const outcomes = await publisher.publish(items(250));
    expect(sizes(asked)).toEqual([100, 100, 50]);
    expect(seqs(outcomes)).toEqual(Array.from({ length: 250 }, (_, n) => n + 1));
    expect(asked[0]?.token).toBe("Bearer cfs_1_secret");
    expect(ROUTES.publish.body.safeParse({ items: asked[0]?.items }).success).toBe(true);
    expect(await publisher.publish([])).toEqual([]);
    expect(asked).toHaveLength(3);
  });

  it("stores nothing twice when an answer is lost", async () => {
    const { publisher, asked, stored, clock } = publishing(["lost"]);
    const published = publisher.publish(items(3));
    await clock.advance(1000);
    expect((await published).map((outcome) => "duplicate" in outcome && outcome.duplicate)).toEqual([
      true,
      true,
      true,
    ]);
    expect(asked[1]?.items).toEqual(asked[0]?.items);
    expect(stored.size).toBe(3);
  });

  it("has the same keys for the same call, in another process, too, and never for another", async () => {
    const keys = async (count: number, idempotencyKey?: string) => {
      const { publisher, asked } = publishing();
      await publisher.publish(items(count), idempotencyKey === undefined ? {} : { idempotencyKey });
      return asked.flatMap((one) => one.items.map((item) => item.clientMessageId));
    };
    const [first, again] = [await keys(120, "invoice-7"), await keys(120, "invoice-7")];
    expect(again).toEqual(first);
    expect(
      new Set([...first, ...(await keys(120, "invoice-8")), ...(await keys(2)), ...(await keys(2))]).size,
    ).toBe(244);
    const own = "0198f0a1-0000-4000-8000-000000000001";
    const { publisher, asked } = publishing();
    await publisher.publish([{ to: "bob", body: "hi", clientMessageId: own }], { idempotencyKey: "x" });
    expect(asked[0]?.items[0]?.clientMessageId).toBe(own);
  });

  it("waits as long as it is told, and then tries again", async () => {
    const limited = new ChatError("rate_limited", { retryAfterMs: 5000 });
    const { publisher, asked, clock } = publishing([limited]);
    const published = publisher.publish(items(1));
    await clock.advance(5000);
    expect(asked).toHaveLength(1);
    await clock.advance(1000);
    expect(asked).toHaveLength(2);
    expect(seqs(await published)).toEqual([1]);
  });

  it("repeats the items alone that may still pass; what is refused stays refused", async () => {
    const fate: Fate = ({ body }) =>
      body === "m1"
        ? new ChatError("unavailable", { retryAfterMs: 100 })
        : body === "m2"
          ? new ChatError("not_found", { reason: "conversation" })
          : undefined;
    const { publisher, asked, clock } = publishing([fate]);
    const published = publisher.publish(items(4));
    await clock.advance(1000);
    const outcomes = await published;
    expect(asked.map((one) => one.items.map((item) => item.body))).toEqual([
      ["m0", "m1", "m2", "m3"],
      ["m1"],
    ]);
    expect(seqs(outcomes)).toEqual([1, 3, undefined, 2]);
    expect(outcomes[2]).toMatchObject({ error: { code: "not_found", reason: "conversation" } });
    expect((outcomes[2] as { error: unknown }).error).toBeInstanceOf(ChatError);
  });

  it("finds the item that spoils a whole request, and publishes the others", async () => {
    const { publisher } = publishing();
    const all = items(10).map((item, n) => (n === 6 ? { ...item, body: "broken" } : item));
    const outcomes = await publisher.publish(all);
    expect(outcomes.map((outcome) => ("error" in outcome ? outcome.error.code : "ok"))).toEqual([
      ...Array(6).fill("ok"),
      "invalid",
      ...Array(3).fill("ok"),
    ]);
  });

  it("says in the end which items could not be published", async () => {
    const away = () => new ChatError("unavailable");
    const { publisher, asked, clock } = publishing([away(), away(), away()], { maxAttempts: 3 });
    const published = publisher.publish(items(2));
    await clock.advance(60_000);
    expect(await published).toMatchObject([
      { error: { code: "unavailable" } },
      { error: { code: "unavailable" } },
    ]);
    expect(asked).toHaveLength(3);
  });
});

describe("the token", () => {
  it("that may not publish ends the call", async () => {
    for (const refusal of [
      new ChatError("unauthenticated"),
      new ChatError("forbidden", { reason: "scope" }),
    ]) {
      const { publisher, asked } = publishing([refusal]);
      await expect(publisher.publish(items(200))).rejects.toMatchObject({ code: refusal.code });
      expect(asked).toHaveLength(1);
    }
  });

  it("is read for every request, and once more when it was just replaced", async () => {
    let reads = 0;
    const refused = () => new ChatError("unauthenticated");
    const token = () => `cfs_${++reads}`;
    const { publisher, asked, clock } = publishing([refused()], { token });
    const published = publisher.publish(items(101));
    await clock.advance(1000);
    await published;
    expect(asked.map((one) => one.token)).toEqual(["Bearer cfs_1", "Bearer cfs_2", "Bearer cfs_3"]);
    const twice = publishing([refused(), refused()], { token });
    const rejected = expect(twice.publisher.publish(items(1))).rejects.toMatchObject({
      code: "unauthenticated",
    });
    await twice.clock.advance(1000);
    await rejected;
  });
});

it("gives up when it is told to, also while it waits", async () => {
  const stop = new AbortController();
  const { publisher, asked, clock } = publishing([new ChatError("rate_limited", { retryAfterMs: 60_000 })]);
  const published = publisher.publish(items(1), { signal: stop.signal });
  const rejected = expect(published).rejects.toMatchObject({ code: "unavailable", reason: "aborted" });
  await clock.advance(1000);
  expect(asked).toHaveLength(1);
  stop.abort();
  await rejected;
  expect(asked).toHaveLength(1);
});
