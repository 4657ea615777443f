import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "../problem.mjs";
import { findExecutable } from "./executables.ts";
import { endStale, forgetPid, recordPid } from "./pid-file.ts";
import { tailFile } from "./tail.ts";
import type { StoreExitListener, StoreProcess } from "./types.ts";

const STOP_GRACE_MS = 15_000;
const START_TIMEOUT_MS = 60_000;

export interface ChildStore {
  name: string;
  port: number;
  command: string;
  args: string[];
  dir: string;
  logFile: string;
  /** Resolves once the store answers; rejects while it does not. */
  probe(): Promise<void>;
  onExit?: StoreExitListener;
}

/** The kernel ends a child whose parent was killed, where a tool for that exists (Linux); elsewhere the pid file has to do. */
function tied(command: string, args: string[]): [string, string[]] {
  const setpriv = process.platform === "linux" && findExecutable("setpriv");
  return setpriv ? [setpriv, ["--pdeathsig", "TERM", command, ...args]] : [command, args];
}

/** One store as our child, which can be killed, frozen and started again. */
export class ChildStoreProcess implements StoreProcess {
  readonly #store: ChildStore;
  #child: ChildProcess | undefined;
  #stopping = false;
  /** Whether it has answered since it was started: an end before that is the business of whoever started it. */
  #isUp = false;

  constructor(store: ChildStore) {
    this.#store = store;
  }

  get name() {
    return this.#store.name;
  }

  get port() {
    return this.#store.port;
  }

  get logFile() {
    return this.#store.logFile;
  }

  get pid() {
    return this.#isRunning ? this.#child?.pid : undefined;
  }

  get #isRunning() {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals) {
    // A death that the caller asked for is no news to onExit.
    if (signal === "SIGKILL" || signal === "SIGTERM") this.#stopping = true;
    this.#child?.kill(signal);
  }

  async start() {
    if (this.#isRunning) await this.stop();
    await endStale(this.#store);
    const { command, args, dir, logFile, name } = this.#store;
    mkdirSync(dirname(logFile), { recursive: true });
    const log = openSync(logFile, "a");
    // A session of its own: Ctrl-C in the terminal must reach the services first and the stores last.
    const child = spawn(...tied(command, args), { cwd: dir, detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    this.#child = child;
    this.#stopping = false;
    this.#isUp = false;
    child.on("error", (error) => appendFileSync(logFile, `${error}\n`));
    child.once("exit", (code, signal) => {
      forgetPid(this.#store);
      const detail = `${name} ended (${signal ?? `exit code ${code}`})`;
      if (this.#isUp && !this.#stopping) this.#store.onExit?.(this, detail);
    });
    if (child.pid) recordPid(this.#store, child.pid);
    await this.#untilReady();
  }

  async #untilReady() {
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (this.#isRunning && Date.now() < deadline) {
      const isReady = await this.#store.probe().then(
        () => true,
        () => false,
      );
      if (isReady) {
        this.#isUp = true;
        return;
      }
      await sleep(50);
    }
    const state = this.#isRunning
      ? `did not answer within ${START_TIMEOUT_MS / 1000} s`
      : "ended while starting";
    await this.stop();
    throw new Problem(`${this.name} ${state}.`, [
      ...tailFile(this.logFile, 12),
      `The whole log: ${this.logFile}`,
    ]);
  }

  async stop() {
    const child = this.#child;
    this.#stopping = true;
    if (!child || !this.#isRunning) return;
    const exited = once(child, "exit");
    child.kill("SIGCONT");
    child.kill("SIGTERM");
    const hard = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
    await exited;
    clearTimeout(hard);
  }
}
