// The one file that must run on whatever Node a machine has (20 or newer), before anything is installed.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Problem, reportProblem } from "./problem.mjs";
import { ROOT } from "./toolchain/paths.mjs";
import { prepare } from "./toolchain/prepare.mjs";

const COMMANDS = ["start", "test", "bench", "service-token", "run"];

/** How soon we notice that npm was ended; it does not pass every signal on through the shell between us. */
const PARENT_CHECK_MS = 500;

/** Replaces us as far as Node can: same terminal, same signals, same exit code. @param {string} node @param {string[]} args @param {NodeJS.ProcessEnv} env */
function handOver(node, args, env) {
  // The channel tells the child that we are gone, however we ended.
  const child = spawn(node, args, { env, stdio: ["inherit", "inherit", "inherit", "ipc"] });
  // Ctrl-C in a terminal reaches the whole process group; a second copy from us would look like an impatient user.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP"]))
    process.on(signal, () => child.kill(signal));
  if (process.env.npm_lifecycle_event) endWithParent(child);
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 1;
    if (!signal) return;
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

/** @param {import("node:child_process").ChildProcess} child */
function endWithParent(child) {
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    child.kill("SIGTERM");
  }, PARENT_CHECK_MS);
  watch.unref();
}

try {
  const [command = "", ...args] = process.argv.slice(2);
  if (!COMMANDS.includes(command))
    throw new Problem(`usage: bootstrap.mjs <${COMMANDS.join("|")}> [arguments]`);
  const entry = join(import.meta.dirname, `${command}.ts`);
  if (!existsSync(join(ROOT, "pnpm-lock.yaml")))
    throw new Problem("pnpm-lock.yaml is missing: this checkout is not complete.");
  const { node, env } = await prepare();
  handOver(node, ["--conditions=@confab/source", entry, ...args], env);
} catch (error) {
  reportProblem(error);
  process.exitCode = 1;
}
