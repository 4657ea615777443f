import type { Counter, Histogram, Metrics } from "@confab/runtime";
import type { Effect } from "./effect.ts";
import type { Action } from "./plan.ts";

/** What this service counts. */
export interface Measures {
  jobs: Counter<"result">;
  jobDuration: Histogram<string>;
  countEffect(effect: Effect, actions: readonly Action[]): void;
  countPushes(counts: { pushed: number; failed: number }): void;
}

export function createMeasures(metrics: Metrics): Measures {
  const jobs = metrics.counter(
    "chat_delivery_jobs_total",
    "Jobs that ended, or were taken from a lost worker",
    ["result"],
  );
  const effects = metrics.counter("chat_delivery_effects_total", "What became of what somebody was owed", [
    "effect",
  ]);
  const pushes = metrics.counter("chat_delivery_pushes_total", "Pushes to devices without a connection", [
    "result",
  ]);
  return {
    jobs,
    jobDuration: metrics.histogram("chat_delivery_job_duration_seconds", "Of one person's job"),
    countEffect(effect, actions) {
      effects.inc({ effect: "notified" }, effect.created.length);
      effects.inc({ effect: "passed" }, effect.passed);
      effects.inc({ effect: "overtaken" }, effect.overtaken);
      effects.inc({ effect: "waits" }, actions.filter(({ kind }) => kind === "wait").length);
    },
    countPushes({ pushed, failed }) {
      pushes.inc({ result: "ok" }, pushed);
      pushes.inc({ result: "failed" }, failed);
    },
  };
}
