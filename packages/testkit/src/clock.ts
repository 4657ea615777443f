import type { Clock } from "@confab/runtime";

export interface ManualClock extends Clock {
  /** Moves time forward. */
  advance(ms: number): void;
  set(epochMs: number): void;
}

/** Time that moves when the test says so; begins on 1 January 2026. */
export function createManualClock(startMs: number = Date.UTC(2026, 0, 1)): ManualClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advance(ms) {
      nowMs += ms;
    },
    set(epochMs) {
      nowMs = epochMs;
    },
  };
}
