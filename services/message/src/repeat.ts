import type { MessageContext } from "./context.ts";

export interface Repetition {
  /** How long to wait before a round, the first being 0. */
  pauseMs: (round: number) => number;
  work: () => Promise<void>;
  /** For the log, if `work` throws. */
  name: string;
}

/** Runs `work` again and again, each time after a pause; one at a time. */
export function repeat(ctx: MessageContext, { pauseMs, work, name }: Repetition): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  let stopped = false;
  const next = (round: number) => {
    timer = setTimeout(() => {
      running = work()
        .catch((error) => ctx.log.error({ err: error }, `a pass over ${name} failed`))
        .then(() => {
          if (!stopped) next(round + 1);
        });
    }, pauseMs(round));
  };
  next(0);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
