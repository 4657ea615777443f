/** P8 at a low price: jobs that run at the same time ask together, and what is wrong with one concerns no other. */
import type { RpcClient } from "@confab/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { plan } from "../src/plan.ts";
import { createSteps } from "../src/steps.ts";
import { createPlace, type Place } from "./harness.ts";

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

/** The steps of a process with 30 jobs at once, and how often it asked. */
function createCounted() {
  const counted = { statements: 0, transactions: 0, questions: 0 };
  const { sql } = place.stores;
  const counting = Object.assign(Object.create(sql) as typeof sql, {
    pool: Object.assign(Object.create(sql.pool) as typeof sql.pool, {
      getConnection: () => {
        counted.transactions += 1;
        return sql.pool.getConnection();
      },
      query: (...args: Parameters<typeof sql.pool.query>) => {
        counted.statements += 1;
        return sql.pool.query(...args);
      },
    }),
  });
  const presence = {
    call: async () => {
      counted.questions += 1;
      return { statuses: {} };
    },
  } as unknown as RpcClient;
  const steps = createSteps({
    sql: () => counting,
    presence,
    clock: { now: () => Date.now() },
    log: place.log,
    concurrency: 30,
    pushMaxAgeMs: 60_000,
  });
  return { counted, steps };
}
const now = new Date();

it("30 people cost three statements, one transaction and one question to presence", async () => {
  const { counted, steps } = createCounted();
  const people = await Promise.all(Array.from({ length: 30 }, () => place.owe(2)));
  await Promise.all(
    people.map(async ({ userId }) => {
      const owed = await steps.readOwed(userId);
      const actions = plan(owed, { status: await steps.statusOf(userId), now });
      const { created } = await steps.takeEffect({ userId, actions });
      const unpushed = await steps.readUnpushed(userId);
      expect(unpushed.map(({ id }) => String(id))).toEqual(created.map(({ id }) => id));
      await steps.notePushed(unpushed.map(({ id }) => id));
    }),
  );
  expect(counted).toEqual({ statements: 3, transactions: 1, questions: 1 });
  for (const { userId, conversationId } of people) {
    expect(await place.notificationsOf(userId)).toMatchObject([
      { conversationId: BigInt(conversationId), fromSeq: 1, toSeq: 2, pushedAt: expect.any(Date) },
    ]);
    expect((await place.memberOf(userId, conversationId)).notifiedSeq).toBe(2);
  }
});

it("what cannot be written for one person is written for the others", async () => {
  const { steps } = createCounted();
  const people = await Promise.all(Array.from({ length: 5 }, () => place.owe(2)));
  const [odd] = people;
  await place.prisma.notification.create({
    data: {
      userId: odd?.userId as string,
      conversationId: BigInt(odd?.conversationId as string),
      fromSeq: 1,
      toSeq: 1,
      createdAt: now,
    },
  });
  const effects = await Promise.allSettled(
    people.map(async ({ userId }) => {
      const actions = plan(await steps.readOwed(userId), { status: "offline", now });
      return steps.takeEffect({ userId, actions });
    }),
  );
  expect(effects.map(({ status }) => status)).toEqual(["rejected", ...Array(4).fill("fulfilled")]);
  for (const { userId } of people) expect(await place.notificationsOf(userId)).toHaveLength(1);
});

it("who is owed more than fits beside others gets no less than alone", async () => {
  const { steps } = createCounted();
  const [busy, quiet] = await Promise.all([place.owe(1), place.owe(1)]);
  await place.oweMore(busy.userId, 120);
  const [much, little] = await Promise.all([steps.readOwed(busy.userId), steps.readOwed(quiet.userId)]);
  expect([much.length, little.length]).toEqual([50, 1]);
});
