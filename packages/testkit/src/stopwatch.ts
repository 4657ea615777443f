const STEP_MS = 50;

export interface Stopwatch extends Disposable {
  /** Milliseconds that this process was awake since it was started; a little less than on the wall. */
  readonly awakeMs: number;
}

/**
 * For what has to end within its own deadline: stands still while the machine does, so that a stall, or a process that
 * gets no CPU, is not taken for a deadline that was missed.
 */
export function startStopwatch(): Stopwatch {
  let steps = 0;
  const timer = setInterval(() => {
    steps += 1;
  }, STEP_MS);
  return {
    get awakeMs() {
      return steps * STEP_MS;
    },
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
