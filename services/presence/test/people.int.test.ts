/** P9: whose presence is seen by whom follows from what they chose; what they say of themselves goes with it. */
import type { PresencePrivacy } from "@confab/contract";
import { createCut, insertConversation, insertUser, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, lease, type Place, type PresenceService } from "./harness.ts";

let place: Place;
let presence: PresenceService;
let friend: string;
let stranger: string;

beforeAll(async () => {
  place = await createPlace();
  presence = await place.start();
  [friend, stranger] = [await insertUser(place.stores), await insertUser(place.stores)];
});
afterAll(async () => {
  await presence?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

/** Somebody who shares a conversation with the friend alone, and is online. */
async function insertPerson(data: Parameters<Place["stores"]["prisma"]["user"]["update"]>[0]["data"]) {
  const id = await insertUser(place.stores);
  await place.stores.prisma.user.update({ where: { id }, data });
  await insertConversation(place.stores, { kind: "direct", memberIds: [friend, id] });
  await presence.change(lease(`${id}-phone`, id, "open", { active: true }));
  return id;
}

describe("presence privacy", () => {
  it.each<[PresencePrivacy, { friend: boolean; stranger: boolean }]>([
    ["everyone", { friend: true, stranger: true }],
    ["shared", { friend: true, stranger: false }],
    ["nobody", { friend: false, stranger: false }],
  ])("%s", async (presencePrivacy, seen) => {
    const id = await insertPerson({ presencePrivacy, statusText: "here" });
    const isSeenBy = async (viewer: string) => {
      const [answer] = await presence.presences(viewer, [id]);
      if (answer) expect(answer).toMatchObject({ userId: id, status: "online", custom: { text: "here" } });
      return answer !== undefined;
    };
    expect({ friend: await isSeenBy(friend), stranger: await isSeenBy(stranger) }).toEqual(seen);
    expect(await isSeenBy(id)).toBe(true);
    // Other services are told all the same: what somebody is owed does not depend on who looks.
    expect(await presence.statusOf(id)).toBe("online");
  });
});

describe("what somebody says of themselves", () => {
  it("is in the answer as far as it has not run out", async () => {
    const [past, future] = [new Date(Date.now() - 1000), new Date(Date.now() + 60_000)];
    const id = await insertPerson({
      statusText: "lunch",
      statusEmoji: "🍜",
      statusExpiresAt: future,
      dndUntil: past,
    });
    const customOf = async () => (await presence.presences(friend, [id]))[0]?.custom;
    expect(await customOf()).toEqual({
      text: "lunch",
      emoji: "🍜",
      expiresAt: future.toISOString(),
      dndUntil: null,
    });
    await place.stores.prisma.user.update({ where: { id }, data: { statusExpiresAt: past } });
    expect(await customOf()).toBeNull();
  });

  it("is announced to watchers, also while MySQL is away", async () => {
    await using mysql = await createCut(place.stores.mysqlUrl);
    await using cutOff = await place.start({ MYSQL_URL: mysql.url });
    await place.watch(friend);
    await mysql.cut();
    const custom = { text: "hi", emoji: null, expiresAt: null, dndUntil: null };
    await cutOff.announce({ userId: friend, custom, customVersion: 7, recheck: false });
    await until(() => place.people.length > 0);
    expect(place.people).toEqual([{ userId: friend, custom, customVersion: 7, recheck: false }]);
  });

  it("cannot be announced while Redis is away, and that is said in time", async () => {
    await using redis = await createCut(place.stores.redisRealtimeUrl);
    await using cutOff = await place.start({ REDIS_REALTIME_URL: redis.url });
    await redis.freeze();
    const announced = cutOff.announce({ userId: friend, custom: null, customVersion: 8, recheck: false });
    await expect(announced).rejects.toMatchObject({ code: "unavailable", reason: "redis_away" });
  });
});
