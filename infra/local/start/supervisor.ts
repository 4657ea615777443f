import { setTimeout as sleep } from "node:timers/promises";
import { type ServiceOptions, type ServiceProcess, spawnService } from "../processes.ts";
import type { Log } from "../stores/types.ts";

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;
/** A service that ran this long has recovered from whatever ended it before. */
const HEALTHY_AFTER_MS = 60_000;

/** How long to wait before the next start, after so many ends in a row. */
export function restartDelay(failures: number): number {
  return Math.min(FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1), LONGEST_DELAY_MS);
}

export interface SupervisedService {
  name: string;
  readonly process: ServiceProcess;
  /** Resolves when it is ready for the first time; rejects if it ends before, as it would again and again. */
  ready(): Promise<void>;
  stop(): Promise<void>;
}

/** Keeps a service running until it is stopped: an unexpected end is said aloud and followed by a new start. */
export function superviseService(options: ServiceOptions, say: Log): SupervisedService {
  let isStopping = false;
  let hasBeenReady = false;
  let failures = 0;
  let current = launch();

  function launch(): ServiceProcess {
    const startedAt = Date.now();
    const service = spawnService(options);
    service.onExit(({ code, signal, wasAsked }) => {
      if (wasAsked || isStopping || !hasBeenReady) return;
      failures = Date.now() - startedAt > HEALTHY_AFTER_MS ? 1 : failures + 1;
      void restart(`${signal ?? `exit code ${code}`}`);
    });
    return service;
  }

  async function restart(reason: string) {
    const delayMs = restartDelay(failures);
    say(`! ${options.name} ended (${reason}); starting it again in ${delayMs / 1000} s`);
    await sleep(delayMs);
    if (!isStopping) current = launch();
  }

  return {
    name: options.name,
    get process() {
      return current;
    },
    async ready() {
      await current.ready();
      hasBeenReady = true;
    },
    async stop() {
      isStopping = true;
      await current.stop();
    },
  };
}
