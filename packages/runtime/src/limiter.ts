import { readFileSync } from "node:fs";
import { ChatError, type RateLimit } from "@confab/contract";
import type { RedisNames } from "@confab/contract/internal";
import { LRUCache } from "lru-cache";
import type { Clock } from "./clock.ts";
import type { Redis } from "./redis.ts";

interface Bucket {
  tokens: number;
  atMs: number;
  /** Taken here and not yet told to the shared bucket. */
  unreported: number;
}

type RedisWithTake = Redis & {
  confabTake(key: string, burst: number, perSecond: number, cost: number): Promise<number>;
};

export interface LimiterOptions {
  redis: Redis;
  names: RedisNames;
  clock: Clock;
  limits: Record<string, RateLimit>;
}

const LUA = readFileSync(new URL("./lua/take-1.lua", import.meta.url), "utf8");

/**
 * Token buckets by limit and key. The local bucket decides alone while half of it is left, so an ordinary
 * user costs no round trip; from there on the bucket in Redis, which all processes share, decides. Without
 * Redis the local one does.
 */
export class Limiter {
  readonly #options: LimiterOptions;
  readonly #redis: RedisWithTake;
  readonly #buckets = new LRUCache<string, Bucket>({ max: 100_000 });

  constructor(options: LimiterOptions) {
    this.#options = options;
    options.redis.defineCommand("confabTake", { numberOfKeys: 1, lua: LUA });
    this.#redis = options.redis as RedisWithTake;
  }

  /**
   * Takes `cost` tokens.
   * @throws ChatError `rate_limited` with `retryAfterMs`
   */
  async take(name: string, key: string, cost = 1): Promise<void> {
    const waitMs = await this.#wait(name, key, cost);
    if (waitMs > 0) throw new ChatError("rate_limited", { reason: `limit:${name}`, retryAfterMs: waitMs });
  }

  /** Puts a token back that was taken for something which then did not count, such as a login that succeeded. */
  giveBack(name: string, key: string): void {
    const bucket = this.#refilled(name, key, this.#limit(name));
    bucket.tokens += 1;
    // Below zero where the shared bucket was told already: the next report returns it.
    bucket.unreported -= 1;
  }

  #limit(name: string): RateLimit {
    const limit = this.#options.limits[name];
    if (!limit) throw new Error(`no limit is called ${name}`);
    return limit;
  }

  /** A promise only where Redis must be asked. Milliseconds to wait, 0 when the tokens were there. */
  #wait(name: string, key: string, cost: number): number | Promise<number> {
    const limit = this.#limit(name);
    const bucket = this.#refilled(name, key, limit);
    if (bucket.tokens < cost) return ((cost - bucket.tokens) / limit.perSecond) * 1000;
    bucket.tokens -= cost;
    bucket.unreported += cost;
    return bucket.tokens >= limit.burst / 2 ? 0 : this.#share(name, key, limit, bucket);
  }

  #refilled(name: string, key: string, limit: RateLimit): Bucket {
    const id = `${name} ${key}`;
    const nowMs = this.#options.clock.now();
    let bucket = this.#buckets.get(id);
    if (!bucket) {
      bucket = { tokens: limit.burst, atMs: nowMs, unreported: 0 };
      this.#buckets.set(id, bucket);
    }
    const gained = (Math.max(0, nowMs - bucket.atMs) / 1000) * limit.perSecond;
    bucket.tokens = Math.min(limit.burst, bucket.tokens + gained);
    bucket.atMs = nowMs;
    // What was used before the bucket filled up again is long paid for in the shared one, too.
    if (bucket.tokens === limit.burst) bucket.unreported = 0;
    return bucket;
  }

  async #share(name: string, key: string, limit: RateLimit, bucket: Bucket): Promise<number> {
    const cost = bucket.unreported;
    bucket.unreported = 0;
    try {
      const redisKey = this.#options.names.limit(name, key);
      const waitMs = await this.#redis.confabTake(redisKey, limit.burst, limit.perSecond, cost);
      if (waitMs > 0) bucket.tokens = Math.min(bucket.tokens, 0);
      return waitMs;
    } catch {
      bucket.unreported += cost;
      return 0;
    }
  }
}
