import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { closeRedis, createRedis, Limiter, type Redis, redisReady } from "../src/index.ts";
import { log, REDIS_URL, uniqueNames } from "./harness.ts";

const LIMITS = { send: { burst: 10, perSecond: 1 } };
const connections: Redis[] = [];
let now = 0;

/** One process; `names` are shared by those that see each other's use. */
async function limiterOn(names = uniqueNames(), url = REDIS_URL) {
  const redis = createRedis(url, "request", log);
  connections.push(redis);
  await redisReady(redis, url === REDIS_URL ? 5000 : 1);
  /** Whether Redis has been told of anything: it alone has the shared bucket. */
  const isShared = async () => (await redis.exists(names.limit("send", "alice"))) === 1;
  const limiter = new Limiter({ redis, names, clock: { now: () => now }, limits: LIMITS });
  return { limiter, isShared };
}
beforeEach(() => {
  now = 1_000_000;
});
afterAll(() => closeRedis(...connections));

async function takeUntilRefused(limiter: Limiter, most = 100): Promise<number> {
  for (let taken = 0; taken < most; taken++) {
    try {
      await limiter.take("send", "alice");
    } catch (error) {
      expect(error).toMatchObject({ code: "rate_limited", reason: "limit:send" });
      expect((error as { retryAfterMs: number }).retryAfterMs).toBeGreaterThan(0);
      return taken;
    }
  }
  return most;
}

describe("Limiter", () => {
  it("lets a burst through and then refuses, telling when to come back", async () => {
    const { limiter } = await limiterOn();
    expect(await takeUntilRefused(limiter)).toBe(10);
    await limiter.take("send", "bo");
  });

  it("asks Redis only once half is used", async () => {
    const { limiter, isShared } = await limiterOn();
    for (let i = 0; i < 5; i++) await limiter.take("send", "alice");
    expect(await isShared()).toBe(false);
    await limiter.take("send", "alice");
    expect(await isShared()).toBe(true);
  });

  it("is one bucket for two processes, but for the half that each gives alone", async () => {
    const names = uniqueNames();
    const [one, two] = [await limiterOn(names), await limiterOn(names)];
    expect(await takeUntilRefused(one.limiter)).toBe(10);
    expect(await takeUntilRefused(two.limiter)).toBeLessThanOrEqual(5);
  });

  it("counts what a request costs, and takes nothing for what it refuses", async () => {
    const { limiter } = await limiterOn();
    await limiter.take("send", "alice", 4);
    await expect(limiter.take("send", "alice", 7)).rejects.toMatchObject({ retryAfterMs: 1000 });
    await limiter.take("send", "alice", 6);
    expect(await takeUntilRefused(limiter)).toBe(0);
  });

  it("forgets what is given back, here and in the shared bucket", async () => {
    const names = uniqueNames();
    const [one, two] = [await limiterOn(names), await limiterOn(names)];
    for (let i = 0; i < 50; i++) {
      await one.limiter.take("send", "alice");
      one.limiter.giveBack("send", "alice");
    }
    await one.limiter.take("send", "alice", 7);
    for (let i = 0; i < 50; i++) {
      await one.limiter.take("send", "alice");
      one.limiter.giveBack("send", "alice");
    }
    expect(await takeUntilRefused(one.limiter)).toBe(3);
    expect(await takeUntilRefused(two.limiter)).toBeLessThanOrEqual(5);
  });

  it("refills with time", async () => {
    const { limiter } = await limiterOn();
    for (let i = 0; i < 5; i++) await limiter.take("send", "alice");
    now += 5000;
    expect(await takeUntilRefused(limiter)).toBe(10);
  });

  it("decides alone when Redis is away", async () => {
    const { limiter } = await limiterOn(uniqueNames(), "redis://127.0.0.1:1");
    expect(await takeUntilRefused(limiter)).toBe(10);
  });
});
