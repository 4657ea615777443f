/** Time as code sees it; tests put a manual one in its place. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
}
export const systemClock: Clock = { now: () => Date.now() };
