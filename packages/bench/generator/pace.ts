import type { Histogram } from "hdr-histogram-js";
import { nowMs } from "./clock.ts";
import { createHistogram, recordMs } from "./latency.ts";
import { createRandom, nextGapMs } from "./random.ts";
import type { Sending, Talk } from "./sending.ts";

/** When messages are begun. */
export interface Pace {
  readonly kind: PaceOptions["kind"];
  start(): void;
  stop(): void;
  /** A message of this conversation is done: acknowledged and heard by all, or refused. */
  onDone(talk: Talk, refused: boolean): void;
  /** How late messages left, by our own doing. */
  readonly lag: Histogram;
  /** The system fell so far behind that nothing more was sent. */
  readonly overCapacity: boolean;
}

export type PaceOptions =
  /** So many messages of each conversation are always under way: shows what a system can do, hides its stalls. */
  | { kind: "closed"; window: number }
  /** So many messages a second at random moments, whatever the system does: shows what users feel. */
  | { kind: "open"; perSecond: number; seed: number };

/** A refused message is followed by the next one no sooner than this. */
const AFTER_REFUSAL_MS = 50;
/** A backlog of so many seconds' messages says that the system cannot keep up. */
const BACKLOG_SECONDS = 5;

export function createPace(options: PaceOptions, sending: Sending, talks: Talk[]): Pace {
  return options.kind === "closed" ? closedLoop(options, sending, talks) : openLoop(options, sending, talks);
}

function closedLoop(options: { window: number }, sending: Sending, talks: Talk[]): Pace {
  let running = false;
  const send = (talk: Talk) => {
    if (running) sending.send(talk, nowMs());
  };
  return {
    kind: "closed",
    lag: createHistogram(),
    overCapacity: false,
    start() {
      running = true;
      for (const talk of talks) for (let index = 0; index < options.window; index++) send(talk);
    },
    stop() {
      running = false;
    },
    onDone(talk, refused) {
      if (refused) setTimeout(send, AFTER_REFUSAL_MS, talk);
      else send(talk);
    },
  };
}

function openLoop(options: { perSecond: number; seed: number }, sending: Sending, talks: Talk[]): Pace {
  const random = createRandom(options.seed);
  const lag = createHistogram();
  let timer: NodeJS.Timeout | undefined;
  let dueMs = 0;
  const pace = {
    kind: "open" as const,
    lag,
    overCapacity: false,
    start() {
      dueMs = nowMs() + nextGapMs(random, options.perSecond);
      tick();
    },
    stop() {
      clearTimeout(timer);
    },
    onDone() {},
  };
  const tick = () => {
    const atMs = nowMs();
    while (dueMs <= atMs) {
      recordMs(lag, atMs - dueMs);
      sending.send(talks[Math.floor(random() * talks.length)] as Talk, dueMs);
      dueMs += nextGapMs(random, options.perSecond);
    }
    if (sending.inFlight > options.perSecond * BACKLOG_SECONDS) pace.overCapacity = true;
    else timer = setTimeout(tick, Math.max(1, dueMs - nowMs()));
  };
  return pace;
}
