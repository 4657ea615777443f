import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Turnstile } from "./turnstile.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function stage(room: number, maxWaiting = 100) {
  const state = { room, stopping: false };
  const turnstile = new Turnstile({
    clock: { now: () => Date.now() },
    stopping: () => state.stopping,
    room: () => state.room,
    maxWaiting,
    comeBackIn: () => 1000,
  });
  const log: string[] = [];
  const come = (name: string, isGone = () => false) => {
    turnstile.enter(isGone).then(
      () => {
        state.room -= 1;
        log.push(name);
      },
      (error: { reason: string }) => log.push(`${name}: ${error.reason}`),
    );
  };
  return { state, turnstile, log, come };
}
const names = (count: number) => Array.from({ length: count }, (_, index) => `n${index}`);

it("lets a lone one in at once, and of many a few in each turn, in order", async () => {
  const { log, come, turnstile } = stage(1000);
  for (const name of names(40)) come(name);
  await vi.advanceTimersByTimeAsync(0);
  expect(log).toEqual(names(16));
  await vi.advanceTimersByTimeAsync(10);
  expect(log).toEqual(names(32));
  await vi.advanceTimersByTimeAsync(10);
  expect(log).toEqual(names(40));
  expect(turnstile.waiting).toBe(0);
});

it("keeps the others waiting while there is no room, and sends away whom it cannot keep", async () => {
  const { state, log, come } = stage(1, 2);
  for (const name of ["ann", "ben", "eve", "kim"]) come(name);
  await vi.advanceTimersByTimeAsync(100);
  expect(log).toEqual(["ann", "kim: full"]);
  state.room = 1;
  await vi.advanceTimersByTimeAsync(10);
  expect(log.slice(2)).toEqual(["ben"]);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(log.slice(3)).toEqual(["eve: full"]);
});

it("gives no place to those who left, and none at all when the process stops", async () => {
  const { state, log, come } = stage(0);
  come("ann", () => true);
  come("ben");
  state.room = 1;
  await vi.advanceTimersByTimeAsync(10);
  expect(log).toEqual(["ann: full", "ben"]);
  come("eve");
  state.stopping = true;
  await vi.advanceTimersByTimeAsync(10);
  expect(log.slice(2)).toEqual(["eve: draining"]);
});
