import { createLogger } from "@confab/runtime";
import { createCut, until } from "@confab/testkit";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Mirror } from "../src/mirror.ts";
import type { Transition } from "../src/state.ts";
import { createPlace, lease, type Place } from "./harness.ts";

let place: Place;
beforeAll(async () => {
  place = await createPlace();
});
afterAll(() => place[Symbol.asyncDispose]());

const log = createLogger({ service: "test", level: "silent" });
const rowOf = (userId: string) => place.stores.prisma.userPresence.findUnique({ where: { userId } });

function createMirror(written: Transition[][] = [], maxUsers = 10_000) {
  return new Mirror({
    prisma: () => place.stores.prisma,
    log,
    intervalMs: 600_000,
    maxUsers,
    onWritten: async (rows) => void written.push(rows),
  });
}
const transition = (userId: string, version: number, status: Transition["status"]): Transition => ({
  userId,
  status,
  version,
  lastSeenAtMs: 1_700_000_000_000 + version,
});

it("keeps the later of two states, in whichever order they are written", async () => {
  using mirror = createMirror();
  mirror.add([transition("fenced", 20, "offline")]);
  await mirror.flush();
  using late = createMirror();
  late.add([transition("fenced", 10, "online")]);
  await late.flush();
  expect(await rowOf("fenced")).toMatchObject({ status: "offline", version: 20n });
  expect((await rowOf("fenced"))?.lastSeenAt.getTime()).toBe(1_700_000_000_020);
  late.add([transition("fenced", 30, "idle"), transition("fenced", 25, "offline")]);
  await late.flush();
  expect(await rowOf("fenced")).toMatchObject({ status: "idle", version: 30n });
});

it("writes 1,200 changes of 1,000 people in two statements", async () => {
  const written: Transition[][] = [];
  using mirror = createMirror(written);
  mirror.add(Array.from({ length: 1200 }, (_, i) => transition(`many:${i % 1000}`, i + 1, "online")));
  await mirror.flush();
  expect(written.map((rows) => rows.length)).toEqual([500, 500]);
  expect(mirror.waiting).toBe(0);
  expect(await place.stores.prisma.userPresence.count({ where: { userId: { startsWith: "many:" } } })).toBe(
    1000,
  );
  await mirror.flush();
  expect(written).toHaveLength(2);
});

it("holds no more people than it may", async () => {
  using mirror = createMirror([], 2);
  mirror.add([transition("a", 1, "online"), transition("b", 1, "online"), transition("c", 1, "online")]);
  mirror.add([transition("a", 2, "offline")]);
  expect(mirror.waiting).toBe(2);
  await mirror.flush();
  expect(await rowOf("a")).toMatchObject({ status: "offline" });
  expect(await rowOf("c")).toBeNull();
});

it("only changes of status are written, not beats", async () => {
  await using presence = await place.start();
  await presence.change(lease("beating-phone", "beating", "open"));
  const first = await until(() => rowOf("beating"));
  for (let i = 0; i < 5; i++) await presence.change(lease("beating-phone", "beating", "beat"));
  await presence.change(lease("marker-phone", "marker", "open"));
  await until(() => rowOf("marker"));
  expect(await rowOf("beating")).toEqual(first);
});

it("what waits is written when the service stops", async () => {
  {
    await using presence = await place.start({ PRESENCE_MIRROR_INTERVAL_MS: "600000" });
    await presence.change(lease("stopping-phone", "stopping", "open"));
    expect(await rowOf("stopping")).toBeNull();
  }
  expect(await rowOf("stopping")).toMatchObject({ status: "online" });
});

it("leases work while MySQL is away, and are mirrored when it is back", async () => {
  await using mysql = await createCut(place.stores.mysqlUrl);
  await mysql.cut();
  await using presence = await place.start({ MYSQL_URL: mysql.url });
  await presence.change(lease("early-phone", "early", "open"));
  expect(await presence.statusOf("early")).toBe("online");
  await expect(presence.presences("early", ["early"])).rejects.toMatchObject({ code: "unavailable" });
  await mysql.heal();
  await until(() => rowOf("early"));
  await mysql.cut();
  await presence.change(lease("early-phone", "early", "close", { left: true }));
  expect(await rowOf("early")).toMatchObject({ status: "online" });
  await mysql.heal();
  await until(async () => (await rowOf("early"))?.status === "offline");
});
