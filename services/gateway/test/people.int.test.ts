/** What people say of themselves, and who may see it: from the socket to the message service, and back to watchers. */
import type { CustomStatus, Presence } from "@confab/contract";
import type { PublishedPerson } from "@confab/contract/internal";
import { createManualClock, until } from "@confab/testkit";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createPlace, errorOf, type Place } from "./harness.ts";
import { presenceOf } from "./stand-in.ts";

let place: Place;
let url: string;
const clock = createManualClock(Date.now());
beforeAll(async () => {
  place = await createPlace();
  const limits = JSON.stringify({ read: { burst: 1000, perSecond: 100 } });
  const settings = { GATEWAY_PRESENCE_TICK_MS: "50", GATEWAY_WATCH_CHECK_MS: "60000" };
  url = (await place.start({ ...settings, GATEWAY_RATE_LIMITS: limits }, { clock })).url;
});
afterEach(() => {
  place.services.mayWatch = () => true;
  place.services.presences.clear();
});
afterAll(() => place[Symbol.asyncDispose]());

const LUNCH: CustomStatus = { text: "lunch", emoji: "🍜", expiresAt: null, dndUntil: null };
const inMs = (ms: number): string => new Date(clock.now() + ms).toISOString();

let version = 0;
const announce = (userId: string, custom: CustomStatus | null, more: Partial<PublishedPerson> = {}) => {
  version += 1;
  const person: PublishedPerson = { userId, custom, customVersion: version, recheck: false, ...more };
  return place.redis.spublish(place.names.presenceChannel(userId), JSON.stringify(person));
};
const publish = (userId: string, status: Presence["status"]) => {
  version += 1;
  const text = JSON.stringify({ userId, status, lastSeenAt: null, version });
  return place.redis.spublish(place.names.presenceChannel(userId), text);
};

describe("status:set", () => {
  it("is carried out by the message service, in the name of the socket's person", async () => {
    const ada = await place.connect(url, "ada");
    expect(await ada.ask("status:set", { text: " hi ", dndUntil: null })).toMatchObject({ ok: true });
    expect(place.services.commands.at(-1)).toEqual({
      actorId: "ada",
      command: { name: "status:set", payload: { text: "hi", dndUntil: null } },
    });
    expect(errorOf(await ada.ask("status:set", { text: "x".repeat(101) }))).toMatchObject({
      code: "invalid",
      reason: "invalid:text",
    });
  });
});

describe("a watcher", () => {
  it("is told of a status beside a presence that stays, and of a presence beside a status that stays", async () => {
    place.services.presences.set("bea", presenceOf("bea", "idle"));
    const ada = await place.connect(url, "ada");
    await ada.ask("presence:watch", { userIds: ["bea"] });
    await announce("bea", LUNCH);
    expect(await ada.next("presence:changed")).toEqual({
      presences: [{ ...presenceOf("bea", "idle"), custom: LUNCH }],
    });
    await publish("bea", "online");
    expect(await ada.next("presence:changed", 1)).toEqual({
      presences: [{ ...presenceOf("bea", "online"), custom: LUNCH }],
    });
    const late = await place.connect(url, "late");
    place.services.presences.set("bea", { ...presenceOf("bea", "online"), custom: LUNCH });
    expect(await late.ask("presence:watch", { userIds: ["bea"] })).toMatchObject({
      presences: [{ custom: LUNCH }],
    });
  });

  it("is not told of an older status after a newer one", async () => {
    const ada = await place.connect(url, "ada");
    await ada.ask("presence:watch", { userIds: ["cleo"] });
    const older = version + 1;
    version += 1;
    await announce("cleo", LUNCH);
    await announce("cleo", null, { customVersion: older });
    await publish("cleo", "online");
    await until(
      () =>
        ada
          .all("presence:changed")
          .flatMap((batch) => batch.presences)
          .at(-1)?.status === "online",
    );
    const told = ada.all("presence:changed").flatMap((batch) => batch.presences);
    expect(new Set(told.map(({ custom }) => custom?.text))).toEqual(new Set(["lunch"]));
  });

  it("has a status that was set between the question and its answer", async () => {
    const ada = await place.connect(url, "ada");
    place.services.presenceGate.close();
    const ack = ada.ask("presence:watch", { userIds: ["ivy"] });
    await until(() => place.services.presenceRequests.some(({ userIds }) => userIds.includes("ivy")));
    const hears = async () => (await announce("ivy", LUNCH)) === 1;
    await until(hears, { describe: "the gateway listens" });
    await publish("ivy", "online");
    await ada.next("presence:changed");
    place.services.presenceGate.open();
    expect(await ack).toMatchObject({ presences: [{ userId: "ivy", status: "online", custom: LUNCH }] });
  });

  it("is told when a status runs out, part by part", async () => {
    const [ada, bob] = [await place.connect(url, "ada"), await place.connect(url, "bob")];
    await ada.ask("presence:watch", { userIds: ["dot"] });
    const full = { ...LUNCH, expiresAt: inMs(60_000), dndUntil: inMs(120_000) };
    await announce("dot", full);
    expect(await ada.next("presence:changed")).toMatchObject({ presences: [{ custom: full }] });
    // One whose gateway has it from the presence service's answer alone.
    const ends = { ...LUNCH, expiresAt: inMs(60_000) };
    place.services.presences.set("eve", { ...presenceOf("eve", "online"), custom: ends });
    await bob.ask("presence:watch", { userIds: ["eve"] });
    clock.advance(60_000);
    expect(await ada.next("presence:changed", 1)).toMatchObject({
      presences: [{ custom: { text: null, emoji: null, expiresAt: null, dndUntil: full.dndUntil } }],
    });
    expect(await bob.next("presence:changed")).toEqual({ presences: [presenceOf("eve", "online")] });
    clock.advance(60_000);
    expect(await ada.next("presence:changed", 2)).toEqual({ presences: [presenceOf("dot", "offline")] });
  });

  it("who may see somebody no longer has what they knew taken back, and hears no more", async () => {
    place.services.presences.set("fay", { ...presenceOf("fay", "online"), custom: LUNCH });
    const [friend, other] = [await place.connect(url, "friend"), await place.connect(url, "other")];
    for (const client of [friend, other]) await client.ask("presence:watch", { userIds: ["fay", "gus"] });
    place.services.mayWatch = (viewer, userId) => userId !== "fay" || viewer === "friend";
    const secret = { ...LUNCH, text: "secret" };
    place.services.presences.set("fay", { ...presenceOf("fay", "online"), custom: secret });
    await announce("fay", secret, { recheck: true });
    expect(await other.next("presence:changed")).toEqual({ presences: [presenceOf("fay", "offline")] });
    expect(await friend.next("presence:changed")).toMatchObject({
      presences: [{ custom: { text: "secret" } }],
    });
    await announce("fay", LUNCH);
    await publish("gus", "online");
    expect(await other.next("presence:changed", 1)).toEqual({ presences: [presenceOf("gus", "online")] });
    expect(JSON.stringify(other.all("presence:changed"))).not.toContain("secret");
  });

  it("who may see somebody no longer is told nothing while that is asked", async () => {
    const [friend, other] = [await place.connect(url, "friend"), await place.connect(url, "other")];
    for (const client of [friend, other]) await client.ask("presence:watch", { userIds: ["jim", "kay"] });
    place.services.mayWatch = (viewer, userId) => userId !== "jim" || viewer === "friend";
    place.services.presenceGate.close();
    const before = place.services.presenceRequests.length;
    const secret = { ...LUNCH, text: "secret" };
    place.services.presences.set("jim", { ...presenceOf("jim", "offline"), custom: secret });
    await announce("jim", secret, { recheck: true });
    const isAskedFor = (viewer: string) =>
      place.services.presenceRequests.slice(before).some(({ viewerId }) => viewerId === viewer);
    await until(() => isAskedFor("friend") && isAskedFor("other"));
    await publish("jim", "online");
    await publish("kay", "online");
    const kay = { presences: [presenceOf("kay", "online")] };
    expect([await friend.next("presence:changed"), await other.next("presence:changed")]).toEqual([kay, kay]);
    place.services.presenceGate.open();
    expect(await friend.next("presence:changed", 1)).toMatchObject({
      presences: [{ userId: "jim", status: "online", custom: { text: "secret" } }],
    });
    expect(await other.next("presence:changed", 1)).toEqual({ presences: [presenceOf("jim", "offline")] });
  });

  it("learns with the next look what was lost on the way", async () => {
    const ada = await place.connect(url, "ada");
    await ada.ask("presence:watch", { userIds: ["hal"] });
    place.services.presences.set("hal", { ...presenceOf("hal", "offline"), custom: LUNCH });
    clock.advance(60_000);
    expect(await ada.next("presence:changed")).toMatchObject({
      presences: [{ userId: "hal", custom: LUNCH }],
    });
  });
});
