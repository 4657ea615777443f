/** Delivery services on stores of their own, a presence service that says what the test wants, and the queue. */
import type { ConversationId, PresenceStatus, UserId } from "@confab/contract";
import { deliverJobId, PRESENCE_RPC, QUEUES, redisNames } from "@confab/contract/internal";
import {
  bindInternalRoute,
  createHttpServer,
  createLogger,
  createMetrics,
  createRedis,
  Lifecycle,
} from "@confab/runtime";
import { createTestStores, insertConversation, insertMessages, insertUsers, until } from "@confab/testkit";
import { Queue } from "bullmq";
import { createDelivery, type Push, type PushMessage, readConfig } from "../src/index.ts";

const INTERNAL_TOKEN = "delivery-tests-delivery-tests-delivery";
const log = createLogger({ service: "test", level: "silent" });

export async function createPlace() {
  const stores = await createTestStores();
  const { prisma } = stores;
  const names = redisNames(stores.redisPrefix);
  const queueRedis = createRedis(stores.redisQueueUrl, "worker", log);
  const queue = new Queue(QUEUES.deliver, { connection: queueRedis, prefix: names.queuePrefix });
  const presence = await startPresence();
  const pushed: PushMessage[] = [];
  const recorder: Push = { send: async (message) => void pushed.push(message) };

  return {
    stores,
    prisma,
    names,
    log,
    queue,
    queueRedis,
    presence,
    pushed,
    pushedTo: (userId: UserId) => pushed.filter((message) => message.userId === userId),
    /** As the message service does it. */
    enqueue: (userId: UserId) =>
      queue.add(
        "deliver",
        { userId },
        {
          deduplication: { id: deliverJobId(userId), keepLastIfActive: true },
          attempts: 10,
          backoff: { type: "exponential", delay: 50 },
          removeOnComplete: true,
          removeOnFail: true,
        },
      ),
    idle: () =>
      until(
        async () => {
          const counts = await queue.getJobCounts("waiting", "active", "delayed");
          return Object.values(counts).every((count) => count === 0);
        },
        { timeoutMs: 15_000, describe: "all jobs have ended" },
      ),
    notificationsOf: (userId: UserId) =>
      prisma.notification.findMany({ where: { userId }, orderBy: { id: "asc" } }),
    memberOf: (userId: UserId, conversationId: ConversationId) =>
      prisma.conversationMember.findUniqueOrThrow({
        where: { conversationId_userId: { conversationId: BigInt(conversationId), userId } },
      }),
    /** `count` messages from a new person to another new one. */
    owe: async (count = 3) => {
      const [senderId, userId] = (await insertUsers(stores, 2)) as [UserId, UserId];
      const conversationId = await insertConversation(stores, {
        kind: "direct",
        memberIds: [senderId, userId],
      });
      await insertMessages(stores, { conversationId, senderId, count });
      return { senderId, userId, conversationId };
    },
    /** One message in each of so many other groups of theirs. */
    oweMore: async (userId: UserId, groups: number) => {
      const [senderId] = (await insertUsers(stores, 1)) as [UserId];
      for (let i = 0; i < groups; i++) {
        const memberIds = [senderId, userId];
        const conversationId = await insertConversation(stores, { kind: "group", memberIds });
        await insertMessages(stores, { conversationId, senderId, count: 1 });
      }
    },
    start: (settings: Record<string, string> = {}, push = recorder) =>
      createDelivery(
        readConfig({
          HOST: "127.0.0.1",
          DELIVERY_PORT: "0",
          LOG_LEVEL: "silent",
          INTERNAL_TOKEN,
          MYSQL_URL: stores.mysqlUrl,
          REDIS_REALTIME_URL: stores.redisRealtimeUrl,
          REDIS_QUEUE_URL: stores.redisQueueUrl,
          REDIS_PREFIX: stores.redisPrefix,
          PRESENCE_URL: presence.url,
          // It answers as soon as it is asked; nobody is to count as offline because the machine stood still.
          DELIVERY_PRESENCE_DEADLINE_MS: "60000",
          ...settings,
        }),
        { push },
      ),
    async [Symbol.asyncDispose]() {
      await queue.close();
      queueRedis.disconnect();
      await presence[Symbol.asyncDispose]();
      await stores[Symbol.asyncDispose]();
    },
  };
}
export type Place = Awaited<ReturnType<typeof createPlace>>;

export const ready = (service: { url: string }) =>
  until(async () => (await fetch(`${service.url}/readyz`)).ok, { timeoutMs: 15_000 });

/** Answers as the presence service does; `offline` unless told otherwise. */
async function startPresence() {
  const lifecycle = new Lifecycle(log);
  const app = createHttpServer({ log, lifecycle, metrics: createMetrics("test"), unready: () => undefined });
  const statuses = new Map<UserId, PresenceStatus>();
  bindInternalRoute(app, PRESENCE_RPC.getStatuses, INTERNAL_TOKEN, async ({ userIds }) => ({
    statuses: Object.fromEntries(userIds.map((userId) => [userId, statuses.get(userId) ?? "offline"])),
  }));
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return { url, statuses, [Symbol.asyncDispose]: () => lifecycle.stop() };
}
