import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "./problem.mjs";
import type { Log } from "./stores/types.ts";
import { ROOT } from "./toolchain/paths.mjs";

const READY_TIMEOUT_MS = 60_000;
const PROBE_TIMEOUT_MS = 1000;
/** For the last words of a process that has ended, which may come after the news of its end. */
const LAST_WORDS_MS = 1000;
/** More than the sum of a service's own stopping phases, of which a gateway's drain is the longest. */
const STOP_GRACE_MS = 40_000;
/** Kept for the message about a service that ends while it starts. */
const KEPT_LINES = 20;
/**
 * Node lets the space for young objects grow to three times 16 MiB and more, and keeps it: after a burst of connects
 * that was half of a gateway's memory (63 KiB per idle connection instead of 26). With 4 MiB, collecting garbage was 15
 * to 20 % of the CPU at full load; with 8 it is 12 to 19. Old objects are first collected when there are 64 MiB of
 * them, not 4: a small heap that is collected often stops a process for 10 to 30 ms each time, which was one late
 * message in a hundred. The images do the same.
 */
const NODE_FLAGS = ["--max-semi-space-size=8", "--initial-old-space-size=64"];
const TIE = join(import.meta.dirname, "start/tie-to-parent.mjs");

export interface ServiceOptions {
  name: string;
  /** A TypeScript file, from the root of the repository. */
  entry: string;
  /** All that the service gets, besides PATH and HOME. */
  env: NodeJS.ProcessEnv;
  /** Receives every line that the service prints. */
  log: Log;
  /** Where those lines end up, for the message about a failure. */
  logFile?: string;
  /** Answers 200 once the service does its work. */
  readyUrl: string;
  args?: string[];
}

export interface ServiceExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Whether `stop` or `kill` asked for it. */
  wasAsked: boolean;
}

export interface ServiceProcess {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  /** Resolves when the service is ready; rejects when it ends first, or takes too long. */
  ready(timeoutMs?: number): Promise<void>;
  /** Asks it to end, and ends it the hard way after the grace. */
  stop(signal?: NodeJS.Signals, graceMs?: number): Promise<void>;
  /** Ends it as a power cut would. */
  kill(): Promise<void>;
  onExit(listener: (exit: ServiceExit) => void): void;
}

export async function isReady(readyUrl: string): Promise<boolean> {
  try {
    const reply = await fetch(readyUrl, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    await reply.body?.cancel();
    return reply.ok;
  } catch {
    return false;
  }
}

function readLines(child: ChildProcess, log: Log): string[] {
  const kept: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    if (!input) continue;
    createInterface({ input }).on("line", (line) => {
      kept.push(line);
      if (kept.length > KEPT_LINES) kept.shift();
      log(line);
    });
  }
  return kept;
}

/** Starts a service from its TypeScript source as a process of its own, which ends when we do. */
export function spawnService({
  name,
  entry,
  env,
  log,
  logFile,
  readyUrl,
  args = [],
}: ServiceOptions): ServiceProcess {
  const { PATH, HOME } = process.env;
  const command = [
    ...NODE_FLAGS,
    "--conditions=@confab/source",
    "--import",
    TIE,
    resolve(ROOT, entry),
    ...args,
  ];
  // A process group of its own: Ctrl-C must not reach a service before the order of stopping does.
  const child = spawn(process.execPath, command, {
    cwd: ROOT,
    env: { PATH, HOME, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  const lines = readLines(child, log);
  let wasAsked = false;
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  const end = async (signal: NodeJS.Signals, graceMs: number) => {
    wasAsked = true;
    if (hasEnded()) return;
    const ended = once(child, "exit");
    child.kill(signal);
    const hard = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await ended;
    clearTimeout(hard);
  };
  const isClosed = new Promise((resolve) => child.once("close", resolve));
  const context = () => [...lines, ...(logFile ? [`The whole log: ${logFile}`] : [])];
  // Without a listener, a program that cannot be started would end us.
  child.on("error", (error) => log(String(error)));
  return {
    name,
    pid: child.pid ?? 0,
    url: new URL(readyUrl).origin,
    async ready(timeoutMs = READY_TIMEOUT_MS) {
      const deadline = Date.now() + timeoutMs;
      while (!hasEnded()) {
        if (await isReady(readyUrl)) return;
        if (Date.now() > deadline)
          throw new Problem(`${name} was not ready within ${timeoutMs / 1000} s.`, context());
        await sleep(50);
      }
      await Promise.race([isClosed, sleep(LAST_WORDS_MS)]);
      throw new Problem(
        `${name} ended while starting (${child.signalCode ?? `exit code ${child.exitCode}`}).`,
        context(),
      );
    },
    stop: (signal = "SIGTERM", graceMs = STOP_GRACE_MS) => end(signal, graceMs),
    kill: () => end("SIGKILL", 0),
    onExit(listener) {
      child.once("exit", (code, signal) => listener({ code, signal, wasAsked }));
    },
  };
}
