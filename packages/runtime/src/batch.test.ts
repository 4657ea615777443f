import { ChatError } from "@confab/contract";
import { describe, expect, it } from "vitest";
import { Batcher, type BatcherOptions } from "./batch.ts";

/** A batcher whose runs end when the test says so. */
function held(options: Omit<BatcherOptions<number, string>, "run">) {
  const runs: { items: number[]; finish: () => void; fail: (error: Error) => void }[] = [];
  const batcher = new Batcher<number, string>({
    ...options,
    run: (items) =>
      new Promise((resolve, reject) => {
        runs.push({ items, finish: () => resolve(items.map((item) => `done ${item}`)), fail: reject });
      }),
  });
  return { batcher, runs };
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("Batcher", () => {
  it("runs a lone item at once, and what arrives meanwhile together, in order", async () => {
    const { batcher, runs } = held({ maxItems: 3, maxWaiting: 10 });
    const first = batcher.add(1);
    await turn();
    const rest = [2, 3, 4, 5].map((item) => batcher.add(item));
    expect(runs.map((run) => run.items)).toEqual([[1]]);
    runs[0]?.finish();
    expect(await first).toBe("done 1");
    await turn();
    expect(runs[1]?.items).toEqual([2, 3, 4]);
    runs[1]?.finish();
    await turn();
    expect(runs[2]?.items).toEqual([5]);
    runs[2]?.finish();
    expect(await Promise.all(rest)).toEqual(["done 2", "done 3", "done 4", "done 5"]);
  });

  it("fails the items of a failed batch and goes on with the next", async () => {
    const { batcher, runs } = held({ maxItems: 1, maxWaiting: 10 });
    const doomed = batcher.add(1);
    const next = batcher.add(2);
    await turn();
    runs[0]?.fail(new Error("no database"));
    await expect(doomed).rejects.toThrow("no database");
    await turn();
    runs[1]?.finish();
    expect(await next).toBe("done 2");
  });

  it("runs each item alone after a failure for which one of them may be to blame", async () => {
    const mayBeOneItems = (error: unknown) => (error as Error).message !== "no database";
    const { batcher, runs } = held({ maxItems: 3, maxWaiting: 10, mayBeOneItems });
    const outcomes = Promise.allSettled([1, 2, 3].map((item) => batcher.add(item)));
    await turn();
    runs[0]?.fail(new Error("one is odd"));
    await turn();
    expect(runs.slice(1).map((run) => run.items)).toEqual([[1], [2], [3]]);
    runs[1]?.finish();
    runs[2]?.fail(new Error("this one"));
    runs[3]?.finish();
    expect((await outcomes).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    const doomed = Promise.allSettled([4, 5].map((item) => batcher.add(item)));
    await turn();
    runs[4]?.fail(new Error("no database"));
    expect((await doomed).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(runs).toHaveLength(5);
  });

  it("does not run what nobody waits for any more", async () => {
    let nowMs = 0;
    const clock = { now: () => nowMs };
    const { batcher, runs } = held({ maxItems: 2, maxWaiting: 10, maxWait: { ms: 100, clock } });
    const first = batcher.add(1);
    await turn();
    const late = batcher.add(2);
    nowMs += 101;
    const inTime = batcher.add(3);
    runs[0]?.finish();
    await first;
    await expect(late).rejects.toMatchObject({ code: "timeout", reason: "queue_timeout" });
    await turn();
    expect(runs.map((run) => run.items)).toEqual([[1], [3]]);
    runs[1]?.finish();
    expect(await inTime).toBe("done 3");
  });

  it("refuses what it cannot hold", async () => {
    const { batcher, runs } = held({ maxItems: 1, maxWaiting: 2 });
    const accepted = [batcher.add(1), batcher.add(2)];
    await expect(batcher.add(3)).rejects.toMatchObject({ code: "unavailable", reason: "overloaded" });
    await expect(batcher.add(3)).rejects.toBeInstanceOf(ChatError);
    await turn();
    runs[0]?.finish();
    await accepted[0];
    await turn();
    runs[1]?.finish();
    expect(await accepted[1]).toBe("done 2");
  });
});
