/** A failure that the person at the keyboard can do something about: shown as one message, without a stack. */
export class Problem extends Error {
  /** @param {string} message @param {string[]} [remedy] what to do, one line each */
  constructor(message, remedy = []) {
    super(message);
    this.name = "Problem";
    this.remedy = remedy;
  }
}

/** System errors that say enough by themselves. @type {Record<string, [message: string, remedy: string]>} */
const SYSTEM_ERRORS = {
  EACCES: ["No permission for", "Run as the user who owns this checkout."],
  EPERM: ["No permission for", "Run as the user who owns this checkout."],
  EROFS: ["A read-only file system holds", "Use a checkout that can be written to."],
  ENOSPC: ["No space is left for", "Free some space and run this again."],
};

/** @param {unknown} error @returns {unknown} */
function explain(error) {
  const { code = "", path, syscall } = /** @type {NodeJS.ErrnoException} */ (error ?? {});
  const known = SYSTEM_ERRORS[code];
  return known ? new Problem(`${known[0]} ${path ?? syscall ?? "a file"} (${code}).`, [known[1]]) : error;
}

/** Prints what went wrong and what to do about it. @param {unknown} error */
export function reportProblem(error) {
  const problem = explain(error);
  if (!(problem instanceof Problem)) {
    console.error(problem);
    return;
  }
  console.error(`\n✗ ${problem.message}`);
  for (const line of problem.remedy) console.error(`  ${line}`);
}
