import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createPace } from "./pace.ts";
import type { Sending, Talk } from "./sending.ts";

const talks = ["a", "b"].map((id): Talk => ({ id, members: [], senders: [], begun: 0 }));

function fakeSending() {
  const sent: { id: string; intendedMs: number }[] = [];
  const sending = {
    inFlight: 0,
    send: (talk: Talk, intendedMs: number) => void sent.push({ id: talk.id, intendedMs }),
  };
  return { sent, sending: sending as unknown as Sending & { inFlight: number } };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("closed loop", () => {
  it("keeps its number under way in each conversation, and begins nothing once stopped", () => {
    const { sent, sending } = fakeSending();
    const pace = createPace({ kind: "closed", window: 3 }, sending, talks);
    pace.start();
    expect(sent).toHaveLength(6);
    pace.onDone(talks[0] as Talk, false);
    expect(sent).toHaveLength(7);
    pace.stop();
    pace.onDone(talks[0] as Talk, false);
    expect(sent).toHaveLength(7);
  });

  it("does not hammer a server that refuses", () => {
    const { sent, sending } = fakeSending();
    const pace = createPace({ kind: "closed", window: 1 }, sending, talks);
    pace.start();
    pace.onDone(talks[0] as Talk, true);
    expect(sent).toHaveLength(2);
    vi.advanceTimersByTime(100);
    expect(sent).toHaveLength(3);
  });
});

describe("open loop", () => {
  it("sends at its rate whatever becomes of the messages, each with its intended time", () => {
    const { sent, sending } = fakeSending();
    const pace = createPace({ kind: "open", perSecond: 100, seed: 1 }, sending, talks);
    pace.start();
    vi.advanceTimersByTime(20_000);
    pace.stop();
    expect(sent.length).toBeGreaterThan(1800);
    expect(sent.length).toBeLessThan(2200);
    const times = sent.map(({ intendedMs }) => intendedMs);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(new Set(sent.map(({ id }) => id))).toEqual(new Set(["a", "b"]));
    vi.advanceTimersByTime(1000);
    expect(sent).toHaveLength(times.length);
  });

  it("catches up after a pause of its own, and says how late it was", () => {
    const { sent, sending } = fakeSending();
    const pace = createPace({ kind: "open", perSecond: 100, seed: 1 }, sending, talks);
    pace.start();
    // The process was busy with something else for two seconds: one late timer, nothing lost.
    const startedMs = performance.now();
    vi.spyOn(performance, "now").mockReturnValue(startedMs + 2000);
    vi.advanceTimersToNextTimer();
    pace.stop();
    expect(sent.length).toBeGreaterThan(150);
    expect(pace.lag.maxValue).toBeGreaterThan(1_500_000);
    vi.restoreAllMocks();
  });

  it("gives up on a system that is seconds behind", () => {
    const { sent, sending } = fakeSending();
    const pace = createPace({ kind: "open", perSecond: 100, seed: 1 }, sending, talks);
    sending.inFlight = 501;
    pace.start();
    vi.advanceTimersByTime(5000);
    expect(pace.overCapacity).toBe(true);
    expect(sent.length).toBeLessThan(10);
  });
});
