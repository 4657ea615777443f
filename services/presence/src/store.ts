/** Every operation on presence in Redis. P7: times are Redis' own, so a process with a wrong clock lies to nobody. */
import { readFileSync } from "node:fs";
import { ChatError, type UserId } from "@confab/contract";
import type { LeaseChange, RedisNames } from "@confab/contract/internal";
import { type Redis, withDeadline } from "@confab/runtime";
import type { LeaseTiming } from "./config.ts";
import { type PresenceRecord, parseRecord, parseTransitions, type Transition } from "./state.ts";

export interface StoreContext {
  redis: PresenceRedis;
  names: RedisNames;
  config: { leases: LeaseTiming };
}

export type PresenceRedis = Redis & {
  presenceApply(keyCount: number, ...keysAndArguments: (string | number)[]): Promise<[string[], string[]]>;
};

/** `apply-n.lua`'s changes of one person: kind, connection, value. */
type ChangeArgument = [kind: string, connectionId: string, value: number];
type Changes = Map<UserId, ChangeArgument[]>;

/** People per script: 200 take 2 ms of a 2-core build machine, in which Redis does nothing else. */
const PEOPLE_PER_SCRIPT = 200;

const readLua = (name: string) => readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), "utf8");

/** Teaches a connection the script. */
export function withScript(redis: Redis): PresenceRedis {
  redis.defineCommand("presenceApply", { lua: readLua("apply-n") });
  return redis as PresenceRedis;
}

const leaseArgument = ({ change, connectionId, active, left }: LeaseChange): ChangeArgument => {
  if (change === "close") return ["c", connectionId, left ? 1 : 0];
  return [change === "open" ? "o" : "b", connectionId, active === undefined ? -1 : Number(active)];
};

/**
 * Takes, renews and gives back leases. Safe to repeat: a connection that was closed stays closed.
 * @throws ChatError `unavailable`, reason `redis_away`
 */
export async function changeLeases(
  ctx: StoreContext,
  input: { gatewayId: string; changes: readonly LeaseChange[] },
): Promise<{ opened: Record<string, boolean>; transitions: Transition[] }> {
  const changes: Changes = new Map();
  for (const change of input.changes) {
    const own = changes.get(change.userId);
    if (own) own.push(leaseArgument(change));
    else changes.set(change.userId, [leaseArgument(change)]);
  }
  const { transitions, opened } = await apply(ctx, changes, input.gatewayId);
  const isActive: Record<string, boolean> = {};
  for (let i = 0; i + 1 < opened.length; i += 2) isActive[opened[i] as string] = opened[i + 1] === "1";
  return { opened: isActive, transitions };
}

/**
 * Looks at up to `limit` people per shard whose next look is due; what changed is handed to one caller only.
 * `full`: there may be more; `quietMs`: nobody of whom Redis knew is due for so long.
 */
export async function sweep(
  ctx: StoreContext,
  limit: number,
): Promise<{ transitions: Transition[]; full: boolean; quietMs: number }> {
  const { due, quietMs } = await guarded(() => readDue(ctx, limit));
  const { transitions } = await apply(ctx, new Map(due.flat().map((userId) => [userId, []])));
  return { transitions, full: due.some((userIds) => userIds.length === limit), quietMs };
}

/**
 * By shard, for those shards where somebody is due: most looks find nobody, and are one round trip. Only found here:
 * `apply-n.lua` looks itself, and who comes second finds nothing.
 */
async function readDue(
  { redis, names }: StoreContext,
  limit: number,
): Promise<{ due: UserId[][]; quietMs: number }> {
  const schedules = names.presenceShards.map((shard) => names.presenceSchedule(shard));
  const [[seconds, microseconds], ...firsts] = await Promise.all([
    redis.time(),
    ...schedules.map((schedule) => redis.zrange(schedule, 0, 0, "WITHSCORES")),
  ]);
  const nowMs = Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000);
  const quietMs = firsts.map((first) => Number(first[1] ?? Infinity) - nowMs);
  const due = schedules.filter((_schedule, index) => (quietMs[index] ?? 0) <= 0);
  return {
    due: await Promise.all(
      due.map((schedule) => redis.zrangebyscore(schedule, "-inf", nowMs, "LIMIT", 0, limit)),
    ),
    quietMs: Math.max(0, Math.min(...quietMs)),
  };
}

/** These were published and mirrored and need not be handed out again. */
export async function acknowledge(ctx: StoreContext, transitions: readonly Transition[]): Promise<void> {
  await apply(ctx, new Map(transitions.map(({ userId, version }) => [userId, [["s", "", version]]])));
}

/** People whom the mirror calls present and Redis does not know: they are gone. */
export async function declareMissing(
  ctx: StoreContext,
  missing: readonly { userId: UserId; lastSeenAtMs: number }[],
): Promise<Transition[]> {
  const changes: Changes = new Map(
    missing.map(({ userId, lastSeenAtMs }) => [userId, [["f", "", lastSeenAtMs]]]),
  );
  return (await apply(ctx, changes)).transitions;
}

/** Undefined for whoever Redis does not know. One round trip. */
export async function readRecords(
  ctx: StoreContext,
  userIds: readonly UserId[],
): Promise<(PresenceRecord | undefined)[]> {
  const rows = await guarded(() =>
    Promise.all(userIds.map((userId) => ctx.redis.hmget(ctx.names.presenceUser(userId), "status", "seenAt"))),
  );
  return rows.map(parseRecord);
}

/** One script per shard and 200 people, all of them in one round trip (the connection pipelines by itself). */
async function apply(ctx: StoreContext, changes: Changes, gatewayId = "") {
  const { ttlMs, graceMs, memoryMs, resendMs, retentionMs } = ctx.config.leases;
  const replies = await guarded(() =>
    Promise.all(
      partsByShard(ctx.names, changes).map(({ shard, part }) => {
        const keys = [
          ctx.names.presenceSchedule(shard),
          ...part.map(([userId]) => ctx.names.presenceUser(userId)),
        ];
        const settings = [ttlMs, graceMs, memoryMs, resendMs, retentionMs, gatewayId];
        return ctx.redis.presenceApply(keys.length, ...keys, ...settings, JSON.stringify(part));
      }),
    ),
  );
  return {
    transitions: replies.flatMap(([transitions]) => parseTransitions(transitions)),
    opened: replies.flatMap(([, opened]) => opened),
  };
}

function partsByShard(names: RedisNames, changes: Changes) {
  const byShard = new Map<number, [UserId, ChangeArgument[]][]>();
  for (const entry of changes) {
    const shard = names.presenceShard(entry[0]);
    const own = byShard.get(shard);
    if (own) own.push(entry);
    else byShard.set(shard, [entry]);
  }
  const parts: { shard: number; part: [UserId, ChangeArgument[]][] }[] = [];
  for (const [shard, people] of byShard) {
    for (let i = 0; i < people.length; i += PEOPLE_PER_SCRIPT) {
      parts.push({ shard, part: people.slice(i, i + PEOPLE_PER_SCRIPT) });
    }
  }
  return parts;
}

/** A command alone gives up after a second, but waits before that for the pipeline ahead of it. */
const REDIS_DEADLINE_MS = 1_200;

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await withDeadline(work(), REDIS_DEADLINE_MS, "redis");
  } catch (cause) {
    // A script that fails is our own fault, and is logged as such.
    if ((cause as Error).message.startsWith("ERR")) throw cause;
    throw new ChatError("unavailable", { reason: "redis_away", retryAfterMs: 1000, cause });
  }
}
