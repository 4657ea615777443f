import { spawn } from "node:child_process";
import { Problem } from "../problem.mjs";

const NETWORK_ERRORS = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|ECONNRESET/;
const RIGHTS_ERRORS = /EACCES|EPERM|EROFS/;

/** What a failed preparation step means to the person who started it. @param {string} what @param {string} output */
export function explainFailure(what, output) {
  const tail = output.trim().split("\n").slice(-15);
  if (output.includes("ERR_PNPM_OUTDATED_LOCKFILE")) {
    return new Problem("pnpm-lock.yaml does not match the package.json files.", [
      "Run: pnpm install, and commit the lockfile.",
    ]);
  }
  if (NETWORK_ERRORS.test(output)) {
    return new Problem(`${what} failed: the npm registry cannot be reached.`, [
      "Check the network, or the registry that `npm config get registry` names.",
      ...tail,
    ]);
  }
  if (RIGHTS_ERRORS.test(output)) {
    return new Problem(`${what} failed: no permission to write.`, [
      "Run as a user who may write to this checkout and to the home directory.",
      ...tail,
    ]);
  }
  return new Problem(`${what} failed.`, tail);
}

/**
 * Runs one preparation step; its output is shown as it comes and explains a failure.
 * @param {string} what for messages @param {string} command @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, quiet?: boolean, shell?: boolean }} options
 */
export async function runStep(what, command, args, { cwd, env = process.env, quiet = false, shell = false }) {
  const startedAt = Date.now();
  console.log(`· ${what}`);
  let output = "";
  const child = spawn(command, args, { cwd, env, shell, stdio: ["ignore", "pipe", "pipe"] });
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (/** @type {string} */ text) => {
      output = (output + text).slice(-20_000);
      if (!quiet) process.stdout.write(text.replace(/^(?=.)/gm, "    "));
    });
  }
  const code = await new Promise((resolve) => {
    child.on("error", (error) => {
      output += String(error);
      resolve(1);
    });
    child.on("close", (status) => resolve(status ?? 1));
  });
  if (code !== 0) throw explainFailure(what, output);
  console.log(`  done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}
