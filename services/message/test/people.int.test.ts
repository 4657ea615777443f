/** What people say of themselves and let others see; and that looking for people tells no more than that. */
import { PRESENCE_RPC, type PublishedPerson } from "@confab/contract/internal";
import { bindInternalRoute, createHttpServer, createLogger, createMetrics, Lifecycle } from "@confab/runtime";
import { createManualClock, until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPlace, INTERNAL_TOKEN, type MessageService, type Person, type Place } from "./harness.ts";
import { talkTo } from "./talk.ts";

let place: Place;
let service: MessageService;
let presence: Awaited<ReturnType<typeof startPresence>>;
const clock = createManualClock(Date.now());
beforeAll(async () => {
  place = await createPlace();
  presence = await startPresence();
  service = await place.start(
    { PRESENCE_URL: presence.url, MESSAGE_PRESENCE_DEADLINE_MS: "60000" },
    { clock },
  );
});
afterAll(async () => {
  await service?.[Symbol.asyncDispose]();
  await presence?.[Symbol.asyncDispose]();
  await place?.[Symbol.asyncDispose]();
});

/** Hears what the presence service would hear. */
async function startPresence() {
  const log = createLogger({ service: "test", level: "silent" });
  const lifecycle = new Lifecycle(log);
  const app = createHttpServer({ log, lifecycle, metrics: createMetrics("test"), unready: () => undefined });
  const told: PublishedPerson[] = [];
  bindInternalRoute(app, PRESENCE_RPC.announcePeople, INTERNAL_TOKEN, async ({ people }) => {
    told.push(...people);
    return {};
  });
  bindInternalRoute(app, PRESENCE_RPC.getPresences, INTERNAL_TOKEN, async ({ viewerId, userIds }) => ({
    presences: userIds
      .filter((userId) => userId !== "hidden")
      .map((userId) => ({
        userId,
        status: "online" as const,
        lastSeenAt: null,
        custom: { ...NONE, text: viewerId },
      })),
  }));
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  return { url, told, [Symbol.asyncDispose]: () => lifecycle.stop() };
}
const NONE = { text: null, emoji: null, expiresAt: null, dndUntil: null };
const inMs = (ms: number): string => new Date(clock.now() + ms).toISOString();

const command = (person: Person, payload: object) =>
  talkTo(service).command(person.id, { name: "status:set", payload });
const toldOf = (person: Person) => presence.told.filter(({ userId }) => userId === person.id);

describe("a status", () => {
  it("is set by socket and REST alike, heard by one's other devices, and announced", async () => {
    const ada = await service.person();
    const device = await place.gateway.connect(ada.id);
    const lunch = { text: "lunch", emoji: "🍜", expiresAt: inMs(60_000) };
    expect(await command(ada, lunch)).toEqual({ status: { ...lunch, dndUntil: null } });
    const { me } = await device.next("me:updated");
    expect(me).toMatchObject({ id: ada.id, status: lunch, presencePrivacy: "shared" });
    expect((await ada.get("/v1/me")).body).toEqual(me);
    await until(() => toldOf(ada).length === 1);
    expect(toldOf(ada)).toEqual([
      { userId: ada.id, custom: { ...lunch, dndUntil: null }, customVersion: 1, recheck: false },
    ]);
    const patched = await ada.patch("/v1/me", { status: { text: "back" } });
    expect(patched.body.status).toEqual({ ...NONE, text: "back" });
    await until(() => toldOf(ada).length === 2);
    expect(toldOf(ada)[1]).toMatchObject({ custom: { text: "back" }, customVersion: 2 });
  });

  it.each<[string, object, object | null]>([
    ["text, emoji and end together", { emoji: "🎧" }, { emoji: "🎧", dndUntil: "dnd" }],
    ["do-not-disturb alone", { dndUntil: null }, { text: "lunch", expiresAt: "end" }],
    ["an end alone ends the rest", { expiresAt: null }, { dndUntil: "dnd" }],
    ["nothing", {}, { text: "lunch", expiresAt: "end", dndUntil: "dnd" }],
    [
      "what has passed",
      { text: "gone", expiresAt: "0001-01-01T00:00:00Z", dndUntil: "1999-01-01T00:00:00Z" },
      null,
    ],
    ["a blank with an end", { text: "", expiresAt: "2999-01-01T00:00:00Z" }, { dndUntil: "dnd" }],
    ["blanks", { text: "  ", emoji: null, dndUntil: null }, null],
  ])("replaces %s", async (_what, input, expected) => {
    const ada = await service.person();
    const times: Record<string, string> = { end: inMs(60_000), dnd: inMs(120_000) };
    await command(ada, { text: "lunch", expiresAt: times.end, dndUntil: times.dnd });
    const { status } = await command(ada, input);
    const resolved = Object.entries(expected ?? {}).map(([key, value]) => [key, times[value] ?? value]);
    expect(status).toEqual(expected && { ...NONE, ...Object.fromEntries(resolved) });
    expect((await ada.get("/v1/me")).body.status).toEqual(status);
  });

  it("is over when its time has come, and says nothing when it stays as it is", async () => {
    const ada = await service.person();
    const device = await place.gateway.connect(ada.id);
    const lunch = { text: "lunch", expiresAt: inMs(60_000) };
    await command(ada, lunch);
    await command(ada, lunch);
    clock.advance(60_000);
    expect((await ada.get("/v1/me")).body.status).toBeNull();
    await command(ada, { text: "back" });
    await device.next("me:updated", ({ me }) => me.status?.text === "back");
    expect(device.all("me:updated")).toHaveLength(2);
    await until(() => toldOf(ada).length === 2);
  });

  it("that is set on several devices at once ends as one of them, and the last announcement says which", async () => {
    const ada = await service.person();
    const texts = Array.from({ length: 8 }, (_, n) => `status ${n}`);
    await Promise.all(texts.map((text) => command(ada, { text })));
    await until(() => toldOf(ada).length === 8);
    const last = toldOf(ada).find(({ customVersion }) => customVersion === 8);
    expect((await ada.get("/v1/me")).body.status.text).toBe(last?.custom?.text);
  });

  it("is set while presence is away", async () => {
    await using alone = await place.start({ PRESENCE_URL: "http://127.0.0.1:9" });
    const ada = await alone.person("alone");
    expect((await ada.patch("/v1/me", { status: { text: "hi" } })).body.status.text).toBe("hi");
  });

  it.each([
    { status: { text: 7 } },
    { status: { text: "\ud800" } },
    { status: null },
    { presencePrivacy: "friends" },
  ])("is refused for %j", async (change) => {
    const ada = await service.person();
    expect(await ada.patch("/v1/me", change)).toMatchObject({ status: 400, body: { code: "invalid" } });
  });
});

describe("privacy", () => {
  it("is one's own to see, and has every watcher asked about again", async () => {
    const ada = await service.person();
    await command(ada, { text: "hi" });
    expect((await ada.patch("/v1/me", { presencePrivacy: "nobody" })).body.presencePrivacy).toBe("nobody");
    await until(() => toldOf(ada).length === 2);
    // Two announcements may overtake each other; which one counts, the version says.
    const told = toldOf(ada).find(({ customVersion }) => customVersion === 2);
    expect(told).toMatchObject({ custom: { text: "hi" }, recheck: true });
    await ada.patch("/v1/me", { displayName: "Ada L." });
    expect(toldOf(ada)).toHaveLength(2);
  });

  it("is the presence service's to keep: REST asks it in the name of who looks", async () => {
    const ada = await service.person();
    expect((await ada.get("/v1/presences?userIds=bob,hidden")).body).toEqual({
      presences: [{ userId: "bob", status: "online", lastSeenAt: null, custom: { ...NONE, text: ada.id } }],
    });
    for (const query of ["", "?userIds=", "?userIds=a,,b", `?userIds=${"a,".repeat(200)}a`]) {
      expect((await ada.get(`/v1/presences${query}`)).status).toBe(400);
    }
    expect((await service.call("GET", "/v1/presences?userIds=bob")).status).toBe(401);
  });
});

describe("looking for people", () => {
  const PUBLIC = ["avatarUrl", "displayName", "id", "kind", "username"];

  it("tells a name and a picture, whatever else there is to know", async () => {
    const ada = await service.person();
    const bob = await service.call("POST", "/v1/auth/register", {
      body: {
        username: "leaky.bob",
        password: "12345678",
        displayName: "Leaky Bob",
        email: "bob@leak.example",
      },
    });
    const token = bob.body.accessToken;
    await service.call("PATCH", "/v1/me", {
      token,
      body: { status: { text: "secret plans", dndUntil: inMs(60_000) }, presencePrivacy: "nobody" },
    });
    const group = await ada.post("/v1/conversations", {
      kind: "group",
      title: "g",
      memberIds: [bob.body.user.id],
    });
    const seen = [
      ...(await ada.get("/v1/users?query=leaky")).body.items,
      (await ada.get(`/v1/users/${bob.body.user.id}`)).body,
      ...group.body.members.map((member: { user: object }) => member.user),
    ];
    expect(seen).toHaveLength(4);
    for (const user of seen) expect(Object.keys(user).sort()).toEqual(PUBLIC);
    expect(JSON.stringify(seen)).not.toMatch(/secret|@|argon2|nobody|password/);
  });

  it.each([
    ["an address", "bob@leak.example"],
    ["the beginning of one", "bob@"],
    ["a part of a name", "eaky"],
    ["a wildcard", "%"],
    ["a status", "secret"],
    ["an id", "host:leak"],
    ["a service", "Leaky Service"],
  ])("finds nobody by %s", async (_what, query) => {
    const ada = await service.person();
    await place.stores.query(
      "INSERT IGNORE INTO users (id, display_name, kind, created_at) VALUES ('host:leak', 'Xavier', 'human', NOW(3)), ('svc:leak', 'Leaky Service', 'service', NOW(3))",
    );
    expect((await ada.get(`/v1/users?query=${encodeURIComponent(query)}`)).body).toEqual({
      items: [],
      nextCursor: null,
    });
  });

  it("is for those who are signed in, and answers strangers and the removed alike", async () => {
    for (const path of ["/v1/users?query=leaky", "/v1/users/host:leak"]) {
      expect((await service.call("GET", path)).status).toBe(401);
    }
    const ada = await service.person();
    const [absent, malformed] = [await ada.get("/v1/users/nobody-at-all"), await ada.get("/v1/users/%20")];
    expect(absent).toMatchObject({ status: 404, body: { code: "not_found", reason: "user" } });
    expect(malformed.status).toBe(400);
  });
});
