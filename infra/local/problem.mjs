/** A failure that the person at the keyboard can do something about: shown as one message, without a stack. */
export class Problem extends Error {
  /** @param {string} message @param {string[]} [remedy] what to do, one line each */
  constructor(message, remedy = []) {
    super(message);
    this.name = "Problem";
    this.remedy = remedy;
  }
}

/** Prints what went wrong and what to do about it. @param {unknown} error */
export function reportProblem(error) {
  if (!(error instanceof Problem)) {
    console.error(error);
    return;
  }
  console.error(`\n✗ ${error.message}`);
  for (const line of error.remedy) console.error(`  ${line}`);
}
