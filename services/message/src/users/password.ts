import { ChatError } from "@confab/contract";
import { hash, verify } from "@node-rs/argon2";

/** OWASP's password storage cheat sheet: argon2id (the library's default), 19 MiB, two passes. */
const ARGON2 = { memoryCost: 19_456, timeCost: 2, parallelism: 1 };
/** With 20 ms a hash, who waits behind these has given up. */
const MAX_WAITING = 100;

export interface Passwords {
  hash(password: string): Promise<string>;
  /** `stored` null, as for somebody unknown: false, after the same work as for a wrong password. */
  matches(stored: string | null, password: string): Promise<boolean>;
}

/**
 * Hashing is meant to be dear, so few are computed at once and a flood is shed; sends keep their CPU.
 * Errors: `unavailable`, reason `overloaded`.
 */
export function createPasswords(atOnce: number): Passwords {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running < atOnce) running += 1;
    else if (waiting.length >= MAX_WAITING) {
      throw new ChatError("unavailable", { reason: "overloaded", retryAfterMs: 2000 });
    } else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      // The turn is handed on, so that nobody who comes now gets before those who wait.
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }

  let decoy: Promise<string> | undefined;
  return {
    hash: (password) => inTurn(() => hash(password, ARGON2)),
    matches: (stored, password) =>
      inTurn(async () => {
        if (stored !== null) return verify(stored, password);
        decoy ??= hash(crypto.randomUUID(), ARGON2);
        await verify(await decoy, password);
        return false;
      }),
  };
}
