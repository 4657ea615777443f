/**
 * The worker's end of the queue. P10, and research/reliability.md 2.10 to 2.14: waits for a Redis that is away,
 * never logs more than once a second about it, is closed within a deadline, and notices when nothing moves.
 */
import { DeliverJob, QUEUES } from "@confab/contract/internal";
import { closeRedis, createRedis, type Logger, parseInput } from "@confab/runtime";
import { Worker } from "bullmq";
import type { DeliveryContext } from "./context.ts";
import { deliver } from "./workers/deliver.ts";

/** Beyond this a stopping worker leaves its jobs to others: their effect is guarded. */
const CLOSE_DEADLINE_MS = 10_000;
const MINUTE_S = 60;
/** Counts, not only ages: a queue whose Redis is full takes no jobs and gives none (research 2.14). */
const REMOVE_ON_COMPLETE = { age: 60 * MINUTE_S, count: 1000 };
const REMOVE_ON_FAIL = { age: 7 * 24 * 60 * MINUTE_S, count: 5000 };

/** Starts to work as soon as MySQL and Redis are there. */
export function startWorker(ctx: DeliveryContext): void {
  const { config, names, lifecycle } = ctx;
  const connection = createRedis(config.redis.queueUrl, "worker", ctx.log);
  const worker = new Worker(
    QUEUES.deliver,
    async (job) => {
      const { userId } = parseInput(DeliverJob, job.data);
      const stopTimer = ctx.jobDuration.startTimer();
      try {
        await deliver(ctx, { userId });
      } finally {
        stopTimer();
      }
    },
    {
      connection,
      autorun: false,
      prefix: names.queuePrefix,
      concurrency: config.worker.concurrency,
      lockDuration: config.worker.lockMs,
      stalledInterval: config.worker.lockMs,
      maxStalledCount: 2,
      removeOnComplete: REMOVE_ON_COMPLETE,
      removeOnFail: REMOVE_ON_FAIL,
    },
  );
  const warn = oncePerSecond(ctx.log);
  worker.on("completed", () => {
    ctx.progress.noteFinished();
    ctx.jobs.inc({ result: "completed" });
  });
  worker.on("failed", (_job, error) => {
    ctx.progress.noteFinished();
    ctx.jobs.inc({ result: "failed" });
    warn({ err: error.message }, "a delivery failed");
  });
  worker.on("stalled", () => ctx.jobs.inc({ result: "stalled" }));
  worker.on("error", (error) => warn({ err: error.message }, "the queue's worker reports an error"));

  lifecycle.onStop("close", "queue connection", () => closeRedis(connection));
  lifecycle.onStop("drain", "worker", () => worker.close(), CLOSE_DEADLINE_MS);
  void ctx.db.connected.then(() => {
    if (!lifecycle.stopping) return worker.run();
  });
}

/** BullMQ reports thousands of errors a second while Redis is full: one line tells as much. */
function oncePerSecond(log: Logger): (fields: object, message: string) => void {
  let nextAt = 0;
  let suppressed = 0;
  return (fields, message) => {
    if (performance.now() < nextAt) {
      suppressed += 1;
      return;
    }
    nextAt = performance.now() + 1000;
    log.warn({ ...fields, suppressed }, message);
    suppressed = 0;
  };
}
