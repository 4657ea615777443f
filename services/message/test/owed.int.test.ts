import type { PresenceStatus, UserId } from "@confab/contract";
import { PRESENCE_RPC, QUEUES, redisNames } from "@confab/contract/internal";
import {
  bindInternalRoute,
  createHttpServer,
  createLogger,
  createMetrics,
  createRedis,
  Lifecycle,
  type Redis,
} from "@confab/runtime";
import {
  createCut,
  insertConversation,
  insertMessages,
  insertUsers,
  startStopwatch,
  until,
} from "@confab/testkit";
import { Queue, Worker } from "bullmq";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createRounds } from "../src/settle.ts";
import { createPlace, INTERNAL_TOKEN, type MessageService, type Place } from "./harness.ts";
import { talkTo } from "./talk.ts";

const QUICK = { MESSAGE_SETTLE_MS: "20", MESSAGE_RECONCILE_SECONDS: "1" };
/** The reconciler of these looks once, at the start, and then not again. */
const SETTLE_ONLY = { MESSAGE_SETTLE_MS: "20", MESSAGE_RECONCILE_SECONDS: "3600" };
/** The only pass is the last one, when the service stops. */
const AT_THE_END = { ...SETTLE_ONLY, MESSAGE_SETTLE_MS: "60000" };

let place: Place;
let redis: Redis;
let queue: Queue;
let ann: string;
let ben: string;
let cleo: string;
const running: AsyncDisposable[] = [];

beforeAll(async () => {
  place = await createPlace();
  redis = createRedis(
    place.stores.redisQueueUrl,
    "worker",
    createLogger({ service: "test", level: "silent" }),
  );
  queue = new Queue(QUEUES.deliver, { connection: redis, prefix: redisNames(place.prefix).queuePrefix });
});
afterAll(async () => {
  await queue.close();
  redis.disconnect();
  await place[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await queue.obliterate({ force: true });
  // Nobody is owed anything by what other tests said.
  await place.stores.prisma.conversationMember.updateMany({ data: { notifiedSeq: 1_000_000 } });
  [ann, ben, cleo] = (await insertUsers(place.stores, 3)) as [string, string, string];
});
afterEach(async () => {
  for (const service of running.splice(0).reverse()) await service[Symbol.asyncDispose]();
});

async function start(settings: Record<string, string>): Promise<MessageService> {
  const service = await place.start(settings);
  running.push(service);
  return service;
}
const group = (...memberIds: string[]) => insertConversation(place.stores, { kind: "group", memberIds });
const waiting = async () => (await queue.getWaiting()).map((job) => job.data.userId as string).sort();
async function owedTo(...people: string[]): Promise<void> {
  let last: string[] = [];
  await until(
    async () => {
      last = await waiting();
      return last.join() === people.sort().join();
    },
    { timeoutMs: 15_000, describe: () => `there are jobs for ${people}, not for ${last}` },
  );
}
/** How many keys the queue has lost. */
const forget = async (): Promise<number> => {
  const keys = await redis.keys(`*${place.prefix}*`);
  return keys.length > 0 ? await redis.del(...keys) : 0;
};

/** Answers as the presence service does, and notes who was asked about in each call. */
async function startPresence(statuses: Record<UserId, PresenceStatus>) {
  const log = createLogger({ service: "test", level: "silent" });
  const lifecycle = new Lifecycle(log);
  const app = createHttpServer({ log, lifecycle, metrics: createMetrics("test"), unready: () => undefined });
  const calls: UserId[][] = [];
  bindInternalRoute(app, PRESENCE_RPC.getStatuses, INTERNAL_TOKEN, async ({ userIds }) => {
    calls.push(userIds);
    return { statuses: Object.fromEntries(userIds.map((id) => [id, statuses[id] ?? "offline"])) };
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  running.push({ [Symbol.asyncDispose]: () => lifecycle.stop() });
  // It answers as soon as it is asked; nobody is to count as offline because the machine stood still.
  return { calls, url, settings: { PRESENCE_URL: url, MESSAGE_PRESENCE_DEADLINE_MS: "60000" } };
}

describe("P8: somebody online", () => {
  it("costs no job, and all who are behind together one question", async () => {
    const many = await insertUsers(place.stores, 20);
    const statuses: Record<UserId, PresenceStatus> = { [ben]: "idle" };
    for (const userId of many) statuses[userId] = "online";
    const presence = await startPresence(statuses);
    const settings = { ...AT_THE_END, ...presence.settings };
    const service = await place.start(settings);
    const talk = talkTo(service);
    for (const userId of [...many, ben, cleo])
      await talk.send({ from: ann, conversationId: await group(ann, userId) });
    // The last pass.
    await service[Symbol.asyncDispose]();
    expect(await waiting()).toEqual([ben, cleo].sort());
    expect(presence.calls.map((userIds) => userIds.toSorted())).toEqual([[...many, ben, cleo].sort()]);
  });

  it("has a job within a round of the reconciler once they are not, if they have not received it by then", async () => {
    const statuses: Record<UserId, PresenceStatus> = { [ben]: "online" };
    const presence = await startPresence(statuses);
    const talk = talkTo(await start({ ...QUICK, ...presence.settings }));
    await talk.send({ from: ann, conversationId: await group(ann, ben) });
    const asked = () => presence.calls.flat().filter((userId) => userId === ben).length;
    await until(() => asked() > 2, { timeoutMs: 15_000 });
    expect(await waiting()).toEqual([]);
    statuses[ben] = "offline";
    await owedTo(ben);
  });

  it("has one at once where they are not to be disturbed, or have muted: that is not made up for later", async () => {
    const presence = await startPresence({ [ben]: "online", [cleo]: "online" });
    const soon = new Date(Date.now() + 60_000);
    const { user, conversationMember } = place.stores.prisma;
    await user.update({ where: { id: ben }, data: { dndUntil: soon } });
    const conversationId = await group(ann, ben, cleo);
    await conversationMember.updateMany({ where: { userId: cleo }, data: { mutedUntil: soon } });
    const talk = talkTo(await start({ ...SETTLE_ONLY, ...presence.settings }));
    await talk.send({ from: ann, conversationId });
    await owedTo(ben, cleo);
  });

  it("has one when presence does not answer: the worker asks again", async () => {
    const presence = await startPresence({ [ben]: "online" });
    await using silent = await createCut(presence.url);
    silent.freeze();
    const settings = { PRESENCE_URL: silent.url, MESSAGE_PRESENCE_DEADLINE_MS: "100" };
    const talk = talkTo(await start({ ...SETTLE_ONLY, ...settings }));
    await talk.send({ from: ann, conversationId: await group(ann, ben) });
    await owedTo(ben);
  });
});

describe("P8: the settle pass", () => {
  it("adds one job for each person who is behind, with nothing in it but their id", async () => {
    const talk = talkTo(await start(SETTLE_ONLY));
    const [one, two] = [await group(ann, ben, cleo), await group(ann, ben)];
    for (const conversationId of [one, two, one, two]) await talk.send({ from: ann, conversationId });
    await owedTo(ben, cleo);
    const jobs = await queue.getWaiting();
    expect(jobs.map((job) => Object.keys(job.data))).toEqual([["userId"], ["userId"]]);
  });

  it("leaves out who has received all, who was told already, and who has left", async () => {
    const service = await place.start(AT_THE_END);
    const talk = talkTo(service);
    const [told] = (await insertUsers(place.stores, 1)) as [string];
    const conversationId = await group(ann, ben, told);
    const gone = await group(ann, ben);
    const where = (id: string, userId: string) => ({ conversationId: BigInt(id), userId });
    const member = place.stores.prisma.conversationMember;
    await member.updateMany({ where: where(gone, ben), data: { leftAt: new Date() } });
    await member.updateMany({ where: where(conversationId, told), data: { notifiedSeq: 1 } });
    await talk.send({ from: ann, conversationId });
    await talk.send({ from: ann, conversationId: gone });
    await talk.mark({ userId: ben, conversationId, deliveredSeq: 1 });
    await talk.send({ from: ann, conversationId: await group(ann, cleo) });
    await service[Symbol.asyncDispose]();
    expect(await waiting()).toEqual([cleo]);
  });

  it("wakes a person again whose job is running", async () => {
    const talk = talkTo(await start(SETTLE_ONLY));
    const conversationId = await group(ann, ben);
    const gate = Promise.withResolvers<void>();
    let runs = 0;
    const worker = new Worker(
      QUEUES.deliver,
      async () => {
        runs++;
        await gate.promise;
      },
      { connection: redis, prefix: redisNames(place.prefix).queuePrefix },
    );
    await talk.send({ from: ann, conversationId });
    await until(() => runs === 1, { timeoutMs: 15_000 });
    await talk.send({ from: ann, conversationId });
    await talk.send({ from: ann, conversationId });
    // Once the pass is over: another person's job, asked for later, is there.
    const later = await group(ann, cleo);
    await talk.send({ from: ann, conversationId: later });
    await owedTo(cleo);
    gate.resolve();
    const describe = "Ben's job has run again, and Cleo's has run";
    await until(() => runs === 3, { timeoutMs: 15_000, describe });
    await worker.close();
  });

  it("does not wait for its second when the service stops", async () => {
    const service = await place.start(AT_THE_END);
    await talkTo(service).send({ from: ann, conversationId: await group(ann, ben) });
    await service[Symbol.asyncDispose]();
    expect(await waiting()).toEqual([ben]);
  });
});

describe("P8: the reconciler", () => {
  it("finds at its start what a process left behind that died after commit, however much it is", async () => {
    const many = await insertUsers(place.stores, 12);
    const conversations = await Promise.all(many.map((userId) => group(ann, userId)));
    for (const conversationId of conversations) {
      await insertMessages(place.stores, { conversationId, senderId: ann, count: 1 });
    }
    await start(QUICK);
    await owedTo(...many);
  });

  it("looks back a week, and not for ever", async () => {
    const [recent, ancient] = [await group(ann, ben), await group(ann, cleo)];
    for (const [conversationId, days] of [
      [recent, 6],
      [ancient, 8],
    ] as const) {
      await insertMessages(place.stores, { conversationId, senderId: ann, count: 1 });
      await place.stores.prisma.conversation.update({
        where: { id: BigInt(conversationId) },
        data: { lastMessageAt: new Date(Date.now() - days * 86_400_000) },
      });
    }
    await start(QUICK);
    await owedTo(ben);
  });

  it("looks no further back than it must once it has seen everything", async () => {
    await forget();
    const [older, recent] = [await group(ann, cleo), await group(ann, ben)];
    const { conversation, conversationMember } = place.stores.prisma;
    const owed = (id: string, notifiedSeq: number) =>
      conversationMember.updateMany({ where: { conversationId: BigInt(id) }, data: { notifiedSeq } });
    for (const [id, minutes] of [
      [older, 60],
      [recent, 5],
    ] as const) {
      await owed(id, 1);
      await insertMessages(place.stores, { conversationId: id, senderId: ann, count: 1 });
      const lastMessageAt = new Date(Date.now() - minutes * 60_000);
      await conversation.update({ where: { id: BigInt(id) }, data: { lastMessageAt } });
    }
    await start(QUICK);
    const { queueMarker } = redisNames(place.prefix);
    await until(() => redis.exists(queueMarker), { timeoutMs: 15_000, everyMs: 50 });
    // It has seen both by now, of which nobody was owed anything.
    for (const id of [older, recent]) await owed(id, 0);
    await owedTo(ben);
  });

  it("walks through more conversations than one query takes, also when all are of the same moment", async () => {
    const at = new Date(Date.now() - 60_000);
    const people = await insertUsers(place.stores, 1100);
    const ids = people.map((_, index) => BigInt(5_000_000 + index));
    const { prisma } = place.stores;
    await prisma.conversation.createMany({
      data: ids.map((id) => ({
        id,
        kind: "group" as const,
        settings: {},
        lastSeq: 1,
        revision: 2,
        createdBy: ann,
        createdAt: at,
        lastMessageAt: at,
      })),
    });
    await prisma.conversationMember.createMany({
      data: ids.map((conversationId, index) => ({
        conversationId,
        userId: people[index] as string,
        joinedAt: at,
      })),
    });
    await prisma.message.createMany({
      data: ids.map((conversationId, index) => ({
        conversationId,
        seq: 1,
        id: conversationId,
        senderId: ann,
        dedupe: new Uint8Array(Buffer.from(index.toString(16).padStart(32, "0"), "hex")),
        kind: "text" as const,
        body: "x",
        revision: 2,
        createdAt: at,
      })),
    });
    await start(QUICK);
    await until(async () => (await queue.getWaitingCount()) === 1100, { timeoutMs: 15_000 });
    await prisma.conversation.deleteMany({ where: { id: { gte: 5_000_000n } } });
  });

  it("does not take a queue for filled that has lost everything while it was being filled", async () => {
    await forget();
    const since: number[] = [];
    const rounds = createRounds(
      {
        clock: { now: () => 1_000_000_000_000 },
        config: place.config(),
        names: redisNames(place.prefix),
        queueRedis: redis,
        random: () => 0,
      },
      async (earliest) => {
        since.push(earliest.getTime());
        if (since.length === 1) await forget();
        return true;
      },
    );
    for (let n = 0; n < 3; n++) await rounds.run();
    const aWeekAgo = 1_000_000_000_000 - 7 * 86_400_000;
    expect(since).toEqual([aWeekAgo, aWeekAgo, 1_000_000_000_000 - 600_000]);
  });

  it("fills a queue again that has lost everything, also with what is older than its overlap", async () => {
    const talk = talkTo(await start(QUICK));
    const conversationId = await group(ann, ben);
    await talk.send({ from: ann, conversationId });
    await owedTo(ben);
    await place.stores.prisma.conversation.update({
      where: { id: BigInt(conversationId) },
      data: { lastMessageAt: new Date(Date.now() - 3_600_000) },
    });
    await until(() => redis.exists(redisNames(place.prefix).queueMarker), { timeoutMs: 15_000 });
    expect(await forget()).toBeGreaterThan(0);
    await owedTo(ben);
  });

  it("makes up for a queue that was away, and the send is acknowledged meanwhile", async () => {
    await using cut = await createCut(place.stores.redisQueueUrl);
    const talk = talkTo(await start({ ...QUICK, REDIS_QUEUE_URL: cut.url }));
    const conversationId = await group(ann, ben);
    for (const fault of ["cut", "freeze"] as const) {
      await cut[fault]();
      using sending = startStopwatch();
      expect(await talk.send({ from: ann, conversationId })).toMatchObject({ duplicate: false });
      expect(sending.awakeMs).toBeLessThan(1000);
      await cut.heal();
      await until(async () => (await waiting()).includes(ben), { timeoutMs: 15_000 });
      await queue.obliterate({ force: true });
      await forget();
    }
  });
});
