import type { Logger } from "./log.ts";

/** In this order when a process stops; inside a phase the last one added goes first. */
const PHASES = ["unready", "intake", "drain", "close"] as const;
export type Phase = (typeof PHASES)[number];

interface Step {
  phase: Phase;
  name: string;
  deadlineMs: number;
  run: () => unknown;
}

/** What a service must undo when it stops. A step that fails or hangs never keeps the next from running. */
export class Lifecycle {
  readonly #steps: Step[] = [];
  readonly #log: Logger;
  #stopped: Promise<void> | undefined;

  constructor(log: Logger) {
    this.#log = log;
  }

  get stopping(): boolean {
    return this.#stopped !== undefined;
  }

  onStop(phase: Phase, name: string, run: () => unknown, deadlineMs = 5000): void {
    this.#steps.push({ phase, name, run, deadlineMs });
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#run();
    return this.#stopped;
  }

  async #run(): Promise<void> {
    for (const phase of PHASES) {
      for (const step of this.#steps.filter((candidate) => candidate.phase === phase).reverse()) {
        await this.#runStep(step);
      }
    }
  }

  async #runStep(step: Step): Promise<void> {
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(() => timeout.reject(new Error("took too long")), step.deadlineMs);
    try {
      await Promise.race([(async () => step.run())(), timeout.promise]);
    } catch (error) {
      this.#log.warn({ step: step.name, err: (error as Error).message }, "did not stop cleanly");
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A service's `main`: runs it until SIGTERM or SIGINT, then lets it stop; a second signal ends it at once. */
export async function runMain(create: () => Promise<AsyncDisposable>): Promise<void> {
  const signal = Promise.withResolvers<void>();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.once(name, () => {
      signal.resolve();
      process.once(name, () => process.exit(1));
    });
  }
  try {
    const service = await create();
    await signal.promise;
    await service[Symbol.asyncDispose]();
    process.exit(0);
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
