/**
 * P8: the settle pass asks who is behind in what was said a moment ago; the reconciler asks it of all that was said
 * lately, so that a crash after commit, or a queue that lost its jobs, delays a delivery and loses none.
 */
import type { ConversationId } from "@confab/contract";
import { redisReady } from "@confab/runtime";
import type { MessageContext } from "./context.ts";
import { enqueueOwed, reconcile } from "./owed.ts";
import { repeat } from "./repeat.ts";

type QueueContext = Pick<MessageContext, "names" | "queueRedis">;

/** Clocks differ, commits take time, and a job may fail: what was said this long before the last round is asked again. */
const OVERLAP_MS = 10 * 60_000;
/** At the start of the process the connection is a moment old. */
const REDIS_READY_MS = 1000;
/** Longer than any round. */
const WITNESS_SECONDS = 3600;
/** A job that failed for good is found again at the next look at everything. */
const DEEP_EVERY_MS = 60 * 60_000;

/** Starts the settle pass and the reconciler; they end with the service. */
export function startOwed(ctx: MessageContext): void {
  const jobs = ctx.metrics.counter("chat_message_owed_jobs_total", "Deliver jobs added", ["source"]);
  const failures = ctx.metrics.counter(
    "chat_message_owed_failures_total",
    "Passes that could not finish, and are made up for by the reconciler",
    ["source"],
  );

  async function attempt(source: "settle" | "reconcile", pass: () => Promise<number>): Promise<boolean> {
    try {
      jobs.inc({ source }, await pass());
      return true;
    } catch (error) {
      failures.inc({ source });
      ctx.log.warn({ err: (error as Error).message, source }, "owed deliveries could not be queued");
      return false;
    }
  }
  const settle = (ids: ConversationId[]) => attempt("settle", () => enqueueOwed(ctx, ids));
  const rounds = createRounds(ctx, (since) => attempt("reconcile", () => reconcile(ctx, since)));

  // What is dirty now is looked at one beat later, when its devices have had time to answer.
  let resting: ConversationId[] = [];
  const settling = repeat(ctx, {
    name: "owed deliveries",
    pauseMs: () => ctx.config.owed.settleMs,
    work: async () => {
      const due = resting;
      resting = takeDirty(ctx);
      if (due.length > 0) await settle(due);
    },
  });
  const reconciling = repeat(ctx, { name: "owed deliveries", pauseMs: rounds.pauseMs, work: rounds.run });
  ctx.lifecycle.onStop("drain", "owed deliveries", async () => {
    await Promise.all([settling.stop(), reconciling.stop()]);
    const last = [...resting, ...takeDirty(ctx)];
    if (last.length > 0) await settle(last);
  });
}

function takeDirty(ctx: MessageContext): ConversationId[] {
  const taken = [...ctx.dirty];
  ctx.dirty.clear();
  return taken;
}

/** How far back each round of the reconciler looks, and when the next one is due. */
export function createRounds(
  ctx: QueueContext & Pick<MessageContext, "clock" | "config" | "random">,
  reconcileSince: (since: Date) => Promise<boolean>,
) {
  const { reconcileMs, lookBackMs } = ctx.config.owed;
  let coveredUntilMs = Number.NEGATIVE_INFINITY;
  let deepAtMs = Number.NEGATIVE_INFINITY;
  return {
    /** The first one at once; with jitter, so that processes which started together do not stay together. */
    pauseMs: (round: number) => (round === 0 ? 0 : reconcileMs * (0.75 + ctx.random() / 2)),
    run: async () => {
      const startedAtMs = ctx.clock.now();
      const deep = startedAtMs - deepAtMs > DEEP_EVERY_MS || !(await queueKept(ctx));
      const earliestMs = startedAtMs - lookBackMs;
      const witness = deep ? await leaveWitness(ctx) : undefined;
      const since = new Date(deep ? earliestMs : Math.max(earliestMs, coveredUntilMs - OVERLAP_MS));
      if (!(await reconcileSince(since))) return;
      coveredUntilMs = startedAtMs;
      if (!deep) return;
      deepAtMs = startedAtMs;
      if (witness !== undefined) await markQueue(ctx, witness);
    },
  };
}

/** Whether the queue's Redis still has what an earlier round left there; away counts as unchanged. */
async function queueKept(ctx: QueueContext): Promise<boolean> {
  try {
    return (await ctx.queueRedis.exists(ctx.names.queueMarker)) === 1;
  } catch {
    return true;
  }
}

/** What is lost while a round fills the queue takes this with it: then there is no marker, and the next round begins anew. */
async function leaveWitness({ names, queueRedis }: QueueContext): Promise<string | undefined> {
  const witness = names.queueWitness(crypto.randomUUID());
  try {
    await redisReady(queueRedis, REDIS_READY_MS);
    await queueRedis.set(witness, "1", "EX", WITNESS_SECONDS);
    return witness;
  } catch {
    return undefined;
  }
}

async function markQueue({ names, queueRedis }: QueueContext, witness: string): Promise<void> {
  try {
    await queueRedis.rename(witness, names.queueMarker);
    await queueRedis.persist(names.queueMarker);
  } catch {
    // Redis is away, or has lost the witness.
  }
}
