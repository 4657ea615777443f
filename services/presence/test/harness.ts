/** Presence services on stores of their own, what they publish, and gateways as they see them. */
import type { UserId } from "@confab/contract";
import {
  type LeaseChange,
  PRESENCE_RPC,
  PresenceNews,
  type PublishedPerson,
  type PublishedPresence,
  redisNames,
} from "@confab/contract/internal";
import { createLogger, createRedis, RpcClient } from "@confab/runtime";
import { createTestStores, type TestStores, until } from "@confab/testkit";
import { createPresence, readConfig } from "../src/index.ts";

const INTERNAL_TOKEN = "presence-tests-presence-tests-presence";

/** Short enough to wait for, long enough for a busy machine. Leases and memory last as long as they do in earnest. */
const QUICK = {
  PRESENCE_LEAVE_GRACE_MS: "1000",
  PRESENCE_SWEEP_INTERVAL_MS: "20",
  PRESENCE_PUBLISH_INTERVAL_MS: "20",
  PRESENCE_MIRROR_INTERVAL_MS: "50",
  PRESENCE_RESEND_MS: "60000",
};

export async function createPlace() {
  const stores = await createTestStores();
  const log = createLogger({ service: "test", level: "silent" });
  const names = redisNames(stores.redisPrefix);
  const redis = createRedis(stores.redisRealtimeUrl, "worker", log);
  const subscriber = createRedis(stores.redisRealtimeUrl, "subscriber", log);
  const published: PublishedPresence[] = [];
  const people: PublishedPerson[] = [];
  subscriber.on("smessage", (_channel: string, text: string) => {
    const news = PresenceNews.parse(JSON.parse(text));
    if ("version" in news) published.push(news);
    else people.push(news);
  });

  return {
    stores,
    names,
    redis,
    /** What was published about those who are watched, in order. */
    published,
    /** What was published about what people say of themselves, in order. */
    people,
    publishedOf: (userId: UserId) => published.filter((presence) => presence.userId === userId),
    watch: async (...userIds: UserId[]) => {
      for (const userId of userIds) await subscriber.ssubscribe(names.presenceChannel(userId));
    },
    /** Whether all that became of somebody has been published and mirrored. */
    isSettled: async (userId: UserId) => {
      const [version, settled] = await redis.hmget(names.presenceUser(userId), "version", "settled");
      return version !== null && version === settled;
    },
    /** As FLUSHALL would, for this file alone. */
    flushRedis: async () => {
      const keys = await redis.keys(`${stores.redisPrefix}:*`);
      if (keys.length > 0) await redis.del(...keys);
    },
    start: (settings: Record<string, string> = {}) => startPresence(stores, settings),
    async [Symbol.asyncDispose]() {
      redis.disconnect();
      subscriber.disconnect();
      await stores[Symbol.asyncDispose]();
    },
  };
}
export type Place = Awaited<ReturnType<typeof createPlace>>;

/** A connection's change with the connection's id. */
export const lease = (
  connectionId: string,
  userId: UserId,
  change: LeaseChange["change"],
  more: Pick<LeaseChange, "active" | "left"> = {},
): LeaseChange => ({ connectionId, userId, change, ...more });

async function startPresence(stores: TestStores, settings: Record<string, string>) {
  const config = readConfig({
    HOST: "127.0.0.1",
    PRESENCE_PORT: "0",
    LOG_LEVEL: "silent",
    INTERNAL_TOKEN,
    MYSQL_URL: stores.mysqlUrl,
    REDIS_REALTIME_URL: stores.redisRealtimeUrl,
    REDIS_PREFIX: stores.redisPrefix,
    ...QUICK,
    ...settings,
  });
  const service = await createPresence(config);
  await until(async () => (await fetch(`${service.url}/readyz`)).ok);
  const rpc = new RpcClient({ baseUrl: service.url, internalToken: INTERNAL_TOKEN, deadlineMs: 5_000 });
  return {
    url: service.url,
    change: async (...changes: LeaseChange[]) =>
      (await rpc.call(PRESENCE_RPC.changeLeases, { gatewayId: "gateway-1", changes })).opened,
    statusOf: async (userId: UserId) =>
      (await rpc.call(PRESENCE_RPC.getStatuses, { userIds: [userId] })).statuses[userId],
    announce: (...people: PublishedPerson[]) => rpc.call(PRESENCE_RPC.announcePeople, { people }),
    presences: async (viewerId: UserId, userIds: UserId[]) =>
      (await rpc.call(PRESENCE_RPC.getPresences, { viewerId, userIds })).presences,
    async [Symbol.asyncDispose]() {
      await rpc[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
    },
  };
}
export type PresenceService = Awaited<ReturnType<typeof startPresence>>;
