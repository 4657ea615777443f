import { Churn, type ChurnPlan } from "./churn.ts";
import { Drive, type DrivePlan } from "./drive.ts";
import { type HistoryPlan, readHistory } from "./history.ts";
import { Idlers, type IdlersPlan } from "./idlers.ts";
import { Storm, type StormPlan } from "./storm.ts";
import { type SyncPlan, syncAll } from "./sync.ts";

const started: { drive?: Drive; idlers?: Idlers; churn?: Churn; storm?: Storm } = {};

function running<T>(part: T | undefined): T {
  if (!part) throw new Error("the generator was not told what to do");
  return part;
}

/** What a process of the generator can be asked for. Arguments and results cross process boundaries. */
export const methods = {
  drive: async (plan: DrivePlan) => {
    started.drive = new Drive(plan);
  },
  driveConnect: ({ concurrency, deadlineMs }: { concurrency: number; deadlineMs: number }) =>
    running(started.drive).connect(concurrency, deadlineMs),
  driveStart: async () => running(started.drive).start(),
  driveOpenWindow: async () => running(started.drive).openWindow(),
  driveWait: ({ ms }: { ms: number }) => running(started.drive).wait(ms),
  driveCloseWindow: async () => running(started.drive).closeWindow(),
  driveFinish: ({ deadlineMs }: { deadlineMs: number }) => running(started.drive).finish(deadlineMs),
  driveLeave: async () => running(started.drive).leave(),

  idlers: async (plan: IdlersPlan) => {
    started.idlers = new Idlers(plan);
  },
  idlersConnect: ({
    count,
    concurrency,
    deadlineMs,
  }: {
    count: number;
    concurrency: number;
    deadlineMs: number;
  }) => running(started.idlers).connect(count, { concurrency, deadlineMs }),
  idlersReport: async () => running(started.idlers).report(),

  churn: async (plan: ChurnPlan) => {
    started.churn = new Churn(plan);
  },
  churnConnect: () => running(started.churn).connect(),
  churnRun: ({ ms }: { ms: number }) => running(started.churn).run(ms),
  churnFinish: () => running(started.churn).finish(),

  storm: async (plan: StormPlan) => {
    started.storm = new Storm(plan);
  },
  stormConnect: () => running(started.storm).connect(),
  stormBreak: () => running(started.storm).break(),
  stormFinish: () => running(started.storm).finish(),

  history: (plan: HistoryPlan) => readHistory(plan),
  sync: (plan: SyncPlan) => syncAll(plan),
};

export type Methods = typeof methods;
