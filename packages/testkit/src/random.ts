/** Chance that a test can have again. */
export interface Random {
  readonly seed: number;
  /** In [0, 1); may be handed to code that wants `Math.random`. */
  next(): number;
  /** A whole number from `min` to `max`, both included. */
  int(min: number, max: number): number;
  pick<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
  /** A new array in another order. */
  shuffle<T>(items: readonly T[]): T[];
  /** A UUID, version 4. */
  uuid(): string;
}

/** The same seed gives the same sequence (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4_294_967_296;
  };
  const int = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(items: readonly T[]): T => {
    if (items.length === 0) throw new Error("nothing to pick from");
    return items[int(0, items.length - 1)] as T;
  };
  const shuffle = <T>(items: readonly T[]): T[] => {
    const copy = [...items];
    for (let i = copy.length - 1; i > 0; i--) {
      const j = int(0, i);
      [copy[i], copy[j]] = [copy[j] as T, copy[i] as T];
    }
    return copy;
  };
  const uuid = (): string => {
    const hex = (digits: number): string =>
      Array.from({ length: digits }, () => int(0, 15).toString(16)).join("");
    return `${hex(8)}-${hex(4)}-4${hex(3)}-${pick(["8", "9", "a", "b"])}${hex(3)}-${hex(12)}`;
  };
  return { seed, next, int, pick, chance: (probability) => next() < probability, shuffle, uuid };
}

/** A random run of a test: the seed is TEST_SEED's, else a new one, and the error of a failure names it. */
export async function withRandom<T>(fn: (random: Random) => T | Promise<T>): Promise<T> {
  const given = process.env.TEST_SEED;
  const random = createRandom(given ? Number(given) : Date.now() >>> 0);
  try {
    return await fn(random);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${message}\n(to see it again: TEST_SEED=${random.seed})`, { cause });
  }
}
