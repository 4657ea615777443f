/** P7: presence is true. */
import { until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, lease, type Place, type PresenceService } from "./harness.ts";

let place: Place;
let presence: PresenceService;
let people = 0;

beforeAll(async () => {
  place = await createPlace();
  presence = await place.start();
});
afterAll(async () => {
  await presence[Symbol.asyncDispose]();
  await place[Symbol.asyncDispose]();
});

/** Somebody nobody has seen yet, whose changes are listened to. */
async function somebody(service = presence) {
  const userId = `ada:${++people}`;
  await place.watch(userId);
  const connection = (name: string) => `${userId}-${name}`;
  return {
    userId,
    open: (name: string, active?: boolean) =>
      service
        .change(lease(connection(name), userId, "open", { active }))
        .then((opened) => opened[connection(name)]),
    beat: (name: string, active?: boolean) =>
      service.change(lease(connection(name), userId, "beat", { active })),
    drop: (name: string) => service.change(lease(connection(name), userId, "close")),
    leave: (name: string) => service.change(lease(connection(name), userId, "close", { left: true })),
    status: () => service.statusOf(userId),
    statuses: () => place.publishedOf(userId).map(({ status }) => status),
    becomes: (status: string) =>
      until(() => place.publishedOf(userId).at(-1)?.status === status, {
        describe: `${userId} is ${status}`,
      }),
  };
}

describe("a person's status", () => {
  it("is online with the first connection and offline as soon as the last one is left", async () => {
    const ada = await somebody();
    expect(await ada.status()).toBe("offline");
    expect(await ada.open("phone")).toBe(true);
    await ada.becomes("online");
    await ada.open("laptop");
    await ada.leave("phone");
    expect(await ada.status()).toBe("online");
    await ada.leave("laptop");
    expect(await ada.status()).toBe("offline");
    await ada.becomes("offline");
    expect(ada.statuses()).toEqual(["online", "offline"]);
  });

  it("is the best of their connections", async () => {
    const ada = await somebody();
    await ada.open("phone", false);
    expect(await ada.status()).toBe("idle");
    await ada.open("laptop", true);
    expect(await ada.status()).toBe("online");
    await ada.beat("laptop", false);
    expect(await ada.status()).toBe("idle");
    await ada.beat("phone", true);
    expect(await ada.status()).toBe("online");
    await ada.leave("phone");
    expect(await ada.status()).toBe("idle");
  });

  it("does not change while a dropped connection comes back within the grace", async () => {
    await using patient = await place.start({ PRESENCE_LEAVE_GRACE_MS: "3000" });
    const ada = await somebody(patient);
    await ada.open("first", true);
    await ada.drop("first");
    expect(await ada.status()).toBe("online");
    await ada.open("second", true);
    await until(async () =>
      (await place.redis.hget(place.names.presenceUser(ada.userId), `c:${ada.userId}-first`))?.startsWith(
        "x",
      ),
    );
    expect(await ada.status()).toBe("online");
    expect(ada.statuses()).toEqual(["online"]);
  });

  it("is offline once the grace is over", async () => {
    const ada = await somebody();
    await ada.open("phone");
    await ada.drop("phone");
    await ada.becomes("offline");
    expect(ada.statuses()).toEqual(["online", "offline"]);
  });

  it("is offline when the gateway fell silent", async () => {
    await using quick = await place.start({ PRESENCE_LEASE_TTL_MS: "800" });
    const ada = await somebody(quick);
    const openedAfter = Date.now();
    await ada.open("phone");
    const openedBefore = Date.now();
    await ada.becomes("offline");
    expect(Date.now() - openedAfter).toBeGreaterThanOrEqual(800);
    // Last seen when the gateway last said so, not when that was found to be long ago.
    const lastSeenAt = Date.parse(place.publishedOf(ada.userId).at(-1)?.lastSeenAt ?? "");
    expect(lastSeenAt).toBeGreaterThanOrEqual(openedAfter);
    expect(lastSeenAt).toBeLessThanOrEqual(openedBefore);
  });

  it("stays online as long as beats arrive", async () => {
    await using quick = await place.start({ PRESENCE_LEASE_TTL_MS: "4000" });
    const ada = await somebody(quick);
    await ada.open("phone");
    const end = Date.now() + 4_500;
    await until(async () => {
      await ada.beat("phone");
      return Date.now() > end;
    });
    expect(ada.statuses()).toEqual(["online"]);
  });
});

describe("activity of a fresh connection", () => {
  it.each(["drop", "leave"] as const)(
    "is what it was before a reconnect (%s), so idle stays idle",
    async (close) => {
      const ada = await somebody();
      await ada.open("first", true);
      await ada.beat("first", false);
      await ada[close]("first");
      expect(await ada.open("second")).toBe(false);
      expect(await ada.status()).toBe("idle");
      await until(() => ada.statuses().at(-1) === "idle");
      expect(ada.statuses().filter((status) => status === "online")).toHaveLength(1);
    },
  );

  it("is what the client says", async () => {
    const ada = await somebody();
    await ada.open("first", false);
    await ada.drop("first");
    expect(await ada.open("second", true)).toBe(true);
  });

  it("is active when the last connection ended too long ago", async () => {
    await using forgetful = await place.start({ PRESENCE_MEMORY_MS: "1000" });
    const ada = await somebody(forgetful);
    await ada.open("first", false);
    await ada.leave("first");
    await until(async () => {
      const endedAt = Number(await place.redis.hget(place.names.presenceUser(ada.userId), "endedAt"));
      return Date.now() - endedAt > 1_050;
    });
    expect(await ada.open("second")).toBe(true);
  });

  it("is active for another device that joins an idle one", async () => {
    const ada = await somebody();
    await ada.open("phone", false);
    expect(await ada.open("laptop")).toBe(true);
  });
});

describe("changes out of order or twice", () => {
  it("keeps a closed connection closed against a late beat and a late open", async () => {
    const ada = await somebody();
    await ada.open("phone");
    await ada.leave("phone");
    await ada.beat("phone", true);
    await ada.open("phone", true);
    expect(await ada.status()).toBe("offline");
  });

  it("says the same when an open is repeated", async () => {
    const ada = await somebody();
    expect(await ada.open("phone", false)).toBe(false);
    expect(await ada.open("phone")).toBe(false);
    expect(ada.statuses().length).toBeLessThanOrEqual(1);
  });
});

describe("after Redis lost everything", () => {
  it("beats bring everybody back, with higher versions", async () => {
    const ada = await somebody();
    await ada.open("phone", false);
    await ada.becomes("idle");
    const before = place.publishedOf(ada.userId).at(-1)?.version ?? 0;
    await place.flushRedis();
    expect(await ada.status()).toBe("offline");
    await ada.beat("phone", false);
    expect(await ada.status()).toBe("idle");
    await until(() => place.publishedOf(ada.userId).length === 2);
    expect(place.publishedOf(ada.userId).at(-1)?.version).toBeGreaterThan(before);
  });

  it("a close of somebody forgotten is told, since watchers hold them for online", async () => {
    const ada = await somebody();
    await ada.open("phone");
    await ada.becomes("online");
    await place.flushRedis();
    await ada.leave("phone");
    await ada.becomes("offline");
  });

  it("those whom no beat brings back are offline, also in the mirror", async () => {
    await using place = await createPlace();
    await using presence = await place.start({
      PRESENCE_AUDIT_DELAY_MS: "300",
      PRESENCE_LEASE_TTL_MS: "60000",
    });
    await place.watch("stays", "went");
    await presence.change(lease("stays-phone", "stays", "open"), lease("went-phone", "went", "open"));
    await until(() => place.redis.exists(place.names.presenceEpoch));
    await until(async () => (await place.stores.prisma.userPresence.count()) === 2);
    await place.flushRedis();
    await presence.change(lease("stays-phone", "stays", "beat"));
    await until(() => place.publishedOf("went").at(-1)?.status === "offline");
    await until(async () => {
      const rows = await place.stores.prisma.userPresence.findMany({ orderBy: { userId: "asc" } });
      return rows.map(({ status }) => status).join() === "online,offline";
    });
    expect(place.publishedOf("stays").at(-1)?.status).toBe("online");
  });
});
