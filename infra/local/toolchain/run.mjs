import { spawn } from "node:child_process";
import { Problem } from "../problem.mjs";

const NETWORK_ERRORS =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ERR_SOCKET_TIMEOUT|ECONNRESET|Temporary failure resolving/;
/** Enough to hold a compiler's complaint. */
const MOST_LINES = 40;
const RIGHTS_ERRORS = /EACCES|EPERM|EROFS/;

/** What a failed download means to the person who started it. @param {string} what @param {string} output */
export function explainDownload(what, output) {
  const tail = output.trim().split("\n").slice(-5);
  if (output.includes("ERR_PNPM_OUTDATED_LOCKFILE")) {
    return new Problem("pnpm-lock.yaml does not match the package.json files.", [
      "Run: npm run exec -- pnpm install, and commit the lockfile.",
    ]);
  }
  if (NETWORK_ERRORS.test(output)) {
    const remedy = "Check the network, and for npm the registry that `npm config get registry` names.";
    return new Problem(`${what} failed: the packages cannot be reached.`, [remedy, ...tail]);
  }
  if (RIGHTS_ERRORS.test(output)) {
    const remedy = "Run as a user who may write to this checkout and to the home directory.";
    return new Problem(`${what} failed: no permission to write.`, [remedy, ...tail]);
  }
  return new Problem(`${what} failed.`, tail);
}

/**
 * Runs one preparation step; its output is shown as it comes and explains a failure.
 * @param {string} what for messages @param {string} command @param {string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, quiet?: boolean, shell?: boolean, isDownload?: boolean }} options
 */
export async function runStep(what, command, args, { cwd, env = process.env, quiet, shell, isDownload }) {
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
  const subject = what.replace(" (once)", "");
  if (code !== 0 && isDownload) throw explainDownload(subject, output);
  if (code !== 0) throw new Problem(`${subject} failed.`, output.trim().split("\n").slice(-MOST_LINES));
  console.log(`  done in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
}
