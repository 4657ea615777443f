/**
 * P7 after Redis lost everything: gateways restate who is there, but those who left in the meantime have nobody to
 * say so. Once every live gateway had time for its beats, whoever the mirror calls present and Redis does not know
 * is gone.
 */
import type { UserId } from "@confab/contract";
import type { PrismaClient } from "@confab/db";
import { type Logger, withDeadline } from "@confab/runtime";
import type { Transition } from "./state.ts";
import { declareMissing, type StoreContext } from "./store.ts";

const CHECK_MS = 5_000;
const PEOPLE_PER_PAGE = 1_000;
const MYSQL_DEADLINE_MS = 5_000;

export interface AuditOptions {
  ctx: StoreContext;
  prisma: () => PrismaClient | undefined;
  log: Logger;
  /** Time for gateways to restate their leases. */
  delayMs: number;
  onTransitions: (transitions: Transition[]) => void;
}

/** Marks Redis as audited; where the mark is missing, audits. Several instances may: the second finds nothing. */
export class Audit implements Disposable {
  readonly #options: AuditOptions;
  readonly #timer: NodeJS.Timeout;
  /** Since when this instance knows that the mark is missing, and waits. */
  #missingSince: number | undefined;
  #running = false;

  constructor(options: AuditOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#check(), Math.min(CHECK_MS, options.delayMs));
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #check(): Promise<void> {
    const { ctx, delayMs, log } = this.#options;
    if (this.#running) return;
    this.#running = true;
    try {
      if ((await ctx.redis.get(ctx.names.presenceEpoch)) !== null) {
        this.#missingSince = undefined;
        return;
      }
      this.#missingSince ??= performance.now();
      if (performance.now() - this.#missingSince < delayMs) return;
      const gone = await this.#run();
      await ctx.redis.set(ctx.names.presenceEpoch, new Date().toISOString());
      log.info({ gone }, "presence in Redis is complete again");
    } catch (error) {
      log.debug({ err: (error as Error).message }, "presence could not be audited yet");
    } finally {
      this.#running = false;
    }
  }

  /** How many were found to be gone. */
  async #run(): Promise<number> {
    const { ctx, onTransitions } = this.#options;
    const prisma = this.#options.prisma();
    if (!prisma) throw new Error("MySQL is away");
    let gone = 0;
    let after: UserId = "";
    for (;;) {
      const present = await withDeadline(readPresent(prisma, after), MYSQL_DEADLINE_MS, "mysql");
      const transitions = await declareMissing(ctx, present);
      onTransitions(transitions);
      gone += transitions.length;
      const last = present.at(-1);
      if (!last || present.length < PEOPLE_PER_PAGE) return gone;
      after = last.userId;
    }
  }
}

async function readPresent(prisma: PrismaClient, after: UserId) {
  const rows = await prisma.userPresence.findMany({
    where: { status: { not: "offline" }, userId: { gt: after } },
    orderBy: { userId: "asc" },
    take: PEOPLE_PER_PAGE,
    select: { userId: true, lastSeenAt: true },
  });
  return rows.map(({ userId, lastSeenAt }) => ({ userId, lastSeenAtMs: lastSeenAt.getTime() }));
}
