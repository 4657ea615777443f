/**
 * Liveness is progress: a worker whose connection broke in an unlucky way reports to be running and takes no
 * more jobs (research/reliability.md 2.10), and a full Redis still answers PING (2.14). So the queue itself is
 * asked what waits, and the probe writes.
 */

import type { RedisNames } from "@confab/contract/internal";
import { QUEUES } from "@confab/contract/internal";
import { closeRedis, createRedis, type Lifecycle, type Logger, withDeadline } from "@confab/runtime";
import { Queue } from "bullmq";

const PROBE_DEADLINE_MS = 2_000;
const PROBES_PER_STALL = 8;

export interface ProgressOptions {
  url: string;
  names: RedisNames;
  log: Logger;
  lifecycle: Lifecycle;
  stallMs: number;
}

export interface Progress {
  /** A job ended, well or not. */
  noteFinished(): void;
  /** Jobs wait, nobody works on any, and none ended, for longer than is allowed. */
  stalled(): boolean;
  /** The queue's Redis took the last probe's write. */
  readonly queueUsable: boolean;
  /** Jobs that wait, as of the last probe. */
  readonly waiting: number;
}

export function watchProgress({ url, names, log, lifecycle, stallMs }: ProgressOptions): Progress {
  const connection = createRedis(url, "request", log);
  const queue = new Queue(QUEUES.deliver, { connection, prefix: names.queuePrefix });
  queue.on("error", () => undefined);
  let aliveAt = performance.now();
  let queueUsable = false;
  let waiting = 0;

  async function probe(): Promise<void> {
    try {
      const counts = await withDeadline(queue.getJobCounts("waiting", "active"), PROBE_DEADLINE_MS, "queue");
      waiting = counts.waiting ?? 0;
      if (waiting === 0 || (counts.active ?? 0) > 0) aliveAt = performance.now();
      await connection.set(names.queueProbe, Date.now(), "EX", 3600);
      queueUsable = true;
    } catch {
      // Without an answer nothing is known of the jobs: a new process would know no more.
      queueUsable = false;
      aliveAt = performance.now();
    }
  }
  void probe();
  connection.on("ready", () => void probe());
  const timer = setInterval(() => void probe(), stallMs / PROBES_PER_STALL);
  timer.unref();
  lifecycle.onStop("close", "queue probe", () => {
    clearInterval(timer);
    closeRedis(connection);
  });
  return {
    noteFinished: () => {
      aliveAt = performance.now();
    },
    stalled: () => performance.now() - aliveAt > stallMs,
    get queueUsable() {
      return queueUsable;
    },
    get waiting() {
      return waiting;
    },
  };
}
