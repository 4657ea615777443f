/** Ctrl-C travels twice, from the terminal and from npm: what follows within this time is the same key press. */
const SAME_PRESS_MS = 1000;

/**
 * Calls `stop` once when we are asked to end, or when whoever started us is gone.
 * A second request, later, ends the process at once.
 */
export function onStopSignal(stop: () => Promise<void>): void {
  let askedAt: number | undefined;
  const ask = () => {
    if (askedAt === undefined) {
      askedAt = Date.now();
      void stop();
    } else if (Date.now() - askedAt > SAME_PRESS_MS) process.exit(130);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, ask);
  process.once("disconnect", ask);
  process.channel?.unref();
}
