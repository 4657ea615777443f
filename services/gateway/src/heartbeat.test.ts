import type { LeaseChange } from "@confab/contract/internal";
import type { Logger, RpcClient } from "@confab/runtime";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Leases } from "./heartbeat.ts";
import { createGatewayMetrics } from "./metrics.ts";
import type { Io } from "./socket.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const BEAT_MS = 25_000;
const SECOND_MS = 1000;

function setUp(count: number) {
  const sockets = new Map(
    Array.from({ length: count }, (_, index) => [
      `c${index}`,
      { id: `c${index}`, connected: true, data: { userId: `u${index}`, active: true } },
    ]),
  );
  const requests: LeaseChange[][] = [];
  const presence = { isAway: false };
  const call = async (_route: unknown, { changes }: { changes: LeaseChange[] }) => {
    if (presence.isAway) throw new Error("away");
    requests.push(changes);
    return { opened: {} };
  };
  const leases = new Leases({
    presence: { call } as unknown as RpcClient,
    config: { id: "g", beatIntervalMs: BEAT_MS },
    clock: { now: () => Date.now() },
    metrics: createGatewayMetrics(),
    log: { warn: () => undefined, info: () => undefined } as unknown as Logger,
    io: { of: () => ({ sockets }) } as unknown as Io,
  });
  return { sockets, requests, presence, leases };
}

it("renews everybody's lease once in a beat, a part of them at a time, and not of who left", async () => {
  const { sockets, requests, leases } = setUp(20_000);
  using _leases = leases;
  await vi.advanceTimersByTimeAsync(SECOND_MS + 1);
  expect(requests.flat()).toHaveLength(800);
  sockets.delete("c19999");
  await vi.advanceTimersByTimeAsync(BEAT_MS - SECOND_MS);
  const renewed = requests.flat().map(({ connectionId }) => connectionId);
  expect(renewed).toHaveLength(19_999);
  expect(new Set(renewed).size).toBe(19_999);
  expect(Math.max(...requests.map((changes) => changes.length))).toBe(800);
});

it("says a beat again as soon as it was not heard", async () => {
  const { requests, presence, leases } = setUp(10);
  using _leases = leases;
  presence.isAway = true;
  await vi.advanceTimersByTimeAsync(3 * SECOND_MS);
  presence.isAway = false;
  await vi.advanceTimersByTimeAsync(2 * SECOND_MS);
  expect(requests.flat()).toHaveLength(10);
});
