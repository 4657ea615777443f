/**
 * What jobs need of MySQL and presence. Jobs that run at the same time ask together: what one person costs alone, in
 * round trips and commits, a few dozen cost together.
 */
import type { PresenceStatus, UserId } from "@confab/contract";
import { PRESENCE_RPC } from "@confab/contract/internal";
import { isUnavailable, type SqlPool } from "@confab/db";
import { Batcher, type Clock, type Logger, type RpcClient } from "@confab/runtime";
import { type Effect, type Plan, takeEffects } from "./effect.ts";
import { readOwed } from "./owed.ts";
import type { Owed } from "./plan.ts";
import { notePushed, readUnpushed, type Unpushed } from "./unpushed.ts";

export interface StepOptions {
  sql: () => SqlPool;
  presence: RpcClient;
  clock: Clock;
  log: Logger;
  /** Jobs that run at the same time. */
  concurrency: number;
  pushMaxAgeMs: number;
}

/** Conversations of a person that are looked at together: a transaction stays short, and its locks few. */
export const CONVERSATIONS = 50;

export function createSteps(options: StepOptions) {
  const { sql, clock, concurrency } = options;
  const together = <Item, Result>(run: (items: Item[]) => Promise<Result[]>) => {
    const batcher = new Batcher<Item, Result>({
      maxItems: concurrency,
      // Who gave up waiting may be there again.
      maxWaiting: 10 * concurrency,
      mayBeOneItems: (error) => !isUnavailable(error),
      run,
    });
    return (item: Item): Promise<Result> => batcher.add(item);
  };
  const byPerson = <Row>(read: (userIds: UserId[]) => Promise<Map<UserId, Row[]>>) =>
    together<UserId, Row[]>(async (userIds) => {
      const rows = await read([...new Set(userIds)]);
      return userIds.map((userId) => rows.get(userId) ?? []);
    });
  return {
    readOwed: byPerson<Owed>((userIds) => readOwed(sql(), { userIds, limit: CONVERSATIONS })),
    statusOf: together<UserId, PresenceStatus>((userIds) => readStatuses(options, userIds)),
    takeEffect: together<Plan, Effect>((plans) => takeEffects(sql(), plans, new Date(clock.now()))),
    readUnpushed: byPerson<Unpushed>((userIds) =>
      readUnpushed(sql(), { userIds, now: clock.now(), maxAgeMs: options.pushMaxAgeMs }),
    ),
    notePushed: together<readonly bigint[], void>(async (ids) => {
      await notePushed(sql(), ids.flat(), new Date(clock.now()));
      return ids.map(() => undefined);
    }),
  };
}
export type Steps = ReturnType<typeof createSteps>;

/** Without an answer people count as offline: a notification too many is better than none. */
async function readStatuses({ presence, log }: StepOptions, userIds: UserId[]): Promise<PresenceStatus[]> {
  try {
    const asked = [...new Set(userIds)];
    const { statuses } = await presence.call(PRESENCE_RPC.getStatuses, { userIds: asked });
    return userIds.map((userId) => statuses[userId] ?? "offline");
  } catch (error) {
    log.debug({ err: (error as Error).message }, "presence does not answer");
    return userIds.map(() => "offline");
  }
}
