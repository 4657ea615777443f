/**
 * Keeps `user_presence` in MySQL behind Redis: changes collect in memory and go out in few statements. Of two
 * writes the one with the higher version stays, in whichever order they arrive. A change that cannot be kept
 * here stays unsettled in Redis and comes back.
 */
import type { UserId } from "@confab/contract";
import { Prisma, type PrismaClient } from "@confab/db";
import { type Logger, withDeadline } from "@confab/runtime";
import type { Transition } from "./state.ts";

export interface MirrorOptions {
  /** Undefined while MySQL has not been reached yet. */
  prisma: () => PrismaClient | undefined;
  log: Logger;
  intervalMs: number;
  /** People who may wait; more are dropped. */
  maxUsers: number;
  /** Told what has been written. */
  onWritten: (transitions: Transition[]) => Promise<void>;
}

/** Rows per statement: about 30 KB of SQL. */
const ROWS_PER_STATEMENT = 500;
const DEADLINE_MS = 5_000;

export class Mirror implements Disposable {
  readonly #options: MirrorOptions;
  readonly #waiting = new Map<UserId, Transition>();
  readonly #timer: NodeJS.Timeout;
  #flushing: Promise<void> | undefined;
  #failing = false;

  constructor(options: MirrorOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.flush(), options.intervalMs);
    this.#timer.unref();
  }

  /** People whose change has yet to be written. */
  get waiting(): number {
    return this.#waiting.size;
  }

  add(transitions: readonly Transition[]): void {
    for (const transition of transitions) {
      const waiting = this.#waiting.get(transition.userId);
      if (waiting ? waiting.version < transition.version : this.#waiting.size < this.#options.maxUsers) {
        this.#waiting.set(transition.userId, transition);
      }
    }
  }

  /** Writes what waits, once; what could not be written waits for the next time. Never throws. */
  flush(): Promise<void> {
    this.#flushing ??= this.#write().finally(() => {
      this.#flushing = undefined;
    });
    return this.#flushing;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #write(): Promise<void> {
    // In one order everywhere, so that two instances never wait for each other's rows.
    const all = [...this.#waiting.values()].sort((a, b) => (a.userId < b.userId ? -1 : 1));
    const prisma = this.#options.prisma();
    if (!prisma) return;
    try {
      for (let i = 0; i < all.length; i += ROWS_PER_STATEMENT) {
        const rows = all.slice(i, i + ROWS_PER_STATEMENT);
        await withDeadline(writeRows(prisma, rows), DEADLINE_MS, "mirror");
        for (const { userId, version } of rows) {
          if (this.#waiting.get(userId)?.version === version) this.#waiting.delete(userId);
        }
        await this.#options.onWritten(rows);
      }
      this.#failing = false;
    } catch (error) {
      if (!this.#failing)
        this.#options.log.warn({ err: (error as Error).message }, "presence is not mirrored");
      this.#failing = true;
    }
  }
}

/** The assignment of `version` comes last: MySQL evaluates them from left to right. */
async function writeRows(prisma: PrismaClient, rows: readonly Transition[]): Promise<void> {
  const values = rows.map(
    ({ userId, status, lastSeenAtMs, version }) =>
      Prisma.sql`(${userId}, ${status}, ${new Date(lastSeenAtMs)}, ${version})`,
  );
  await prisma.$executeRaw`
    INSERT INTO user_presence (user_id, status, last_seen_at, version) VALUES ${Prisma.join(values)}
    ON DUPLICATE KEY UPDATE
      status = IF(VALUES(version) > version, VALUES(status), status),
      last_seen_at = IF(VALUES(version) > version, VALUES(last_seen_at), last_seen_at),
      version = GREATEST(version, VALUES(version))`;
}
