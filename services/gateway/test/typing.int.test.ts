import { until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Client, createPlace, type Place } from "./harness.ts";

const LIMITS = JSON.stringify({ typing: { burst: 20, perSecond: 5 } });

describe("typing", () => {
  let place: Place;
  let urls: [string, string];
  beforeAll(async () => {
    place = await createPlace();
    const settings = { GATEWAY_TYPING_TTL_MS: "10000", GATEWAY_RATE_LIMITS: LIMITS };
    urls = [(await place.start(settings)).url, (await place.start(settings)).url];
    for (const userId of ["ada", "bob", "carol"]) place.services.personOf(userId).groupIds = ["5"];
    place.services.directs.set("7", ["ada", "bob"]);
  });
  afterAll(() => place[Symbol.asyncDispose]());

  const seenBy = (client: Client, conversationId: string): string[] | undefined =>
    client
      .all("typing:changed")
      .filter((event) => event.conversationId === conversationId)
      .at(-1)
      ?.userIds.toSorted();
  const sees = (client: Client, conversationId: string, userIds: string[], timeoutMs = 5000) =>
    until(() => seenBy(client, conversationId)?.join() === userIds.join(), {
      timeoutMs,
      describe: () => `${userIds} typing; seen: ${seenBy(client, conversationId)}`,
    });

  it("tells everyone in a group everyone who types, across gateways", async () => {
    const ada = await place.connect(urls[0], "ada");
    const bob = await place.connect(urls[1], "bob");
    const carol = await place.connect(urls[1], "carol");
    ada.socket.emit("typing:start", { conversationId: "5" });
    await sees(carol, "5", ["ada"]);
    bob.socket.emit("typing:start", { conversationId: "5" });
    await sees(carol, "5", ["ada", "bob"]);
    await sees(ada, "5", ["ada", "bob"]);
    ada.socket.emit("typing:stop", { conversationId: "5" });
    await sees(carol, "5", ["bob"]);
    bob.socket.emit("typing:stop", { conversationId: "5" });
    await sees(carol, "5", []);
  });

  it("stays between the two of a direct conversation", async () => {
    const ada = await place.connect(urls[0], "ada");
    const bob = await place.connect(urls[1], "bob");
    const carol = await place.connect(urls[0], "carol");
    ada.socket.emit("typing:start", { conversationId: "7" });
    await sees(bob, "7", ["ada"]);
    await carol.ask("conversation:heads", {});
    expect(seenBy(carol, "7")).toBeUndefined();
    ada.socket.emit("typing:stop", { conversationId: "7" });
    await sees(bob, "7", []);
  });

  it("ends by itself", async () => {
    const { url } = await place.start({ GATEWAY_TYPING_TTL_MS: "700", GATEWAY_RATE_LIMITS: LIMITS });
    const ada = await place.connect(url, "ada");
    const bob = await place.connect(urls[1], "bob");
    ada.socket.emit("typing:start", { conversationId: "7" });
    await sees(bob, "7", []);
    expect(bob.all("typing:changed").map(({ userIds }) => userIds)).toEqual([["ada"], []]);
  });

  it("ends with the connection", async () => {
    const ada = await place.connect(urls[0], "ada");
    const bob = await place.connect(urls[1], "bob");
    ada.socket.emit("typing:start", { conversationId: "7" });
    await sees(bob, "7", ["ada"]);
    ada.socket.disconnect();
    await sees(bob, "7", []);
  });

  it("is not said twice while it goes on, and a stop that follows at once is not overtaken", async () => {
    const ada = await place.connect(urls[0], "ada");
    const bob = await place.connect(urls[1], "bob");
    const count = (result: string) =>
      place.metric({ url: urls[0] }, new RegExp(`^chat_gateway_typing_total{.*result="${result}"`));
    const before = [await count("announced"), await count("unchanged")];
    for (let n = 0; n < 5; n++) ada.socket.emit("typing:start", { conversationId: "7" });
    ada.socket.emit("typing:stop", { conversationId: "7" });
    await sees(bob, "7", []);
    expect(bob.all("typing:changed").map(({ userIds }) => userIds)).toEqual([["ada"], []]);
    const after = [await count("announced"), await count("unchanged")];
    expect(after.map((total, n) => total - (before[n] ?? 0))).toEqual([2, 4]);
    expect(await place.redis.exists(place.names.typing("7"))).toBe(0);
  });

  it("forgets who typed at a gateway that is no more, with the next news", async () => {
    const bob = await place.connect(urls[1], "bob");
    // What a gateway that was killed leaves behind.
    const [seconds] = await place.redis.time();
    await place.redis.zadd(place.names.typing("5"), Number(seconds) * 1000 - 1, "ghost");
    bob.socket.emit("typing:start", { conversationId: "5" });
    await sees(bob, "5", ["bob"]);
    bob.socket.emit("typing:stop", { conversationId: "5" });
    await sees(bob, "5", []);
  });

  it("says nothing for who is no member, and asks once in a while only", async () => {
    place.services.strangers.add("eve");
    const eve = await place.connect(urls[0], "eve");
    const bob = await place.connect(urls[1], "bob");
    const before = place.services.accessRequests;
    for (let n = 0; n < 5; n++) eve.socket.emit("typing:start", { conversationId: "7" });
    await until(() => place.services.accessRequests > before);
    await eve.ask("conversation:heads", {});
    await bob.ask("conversation:heads", {});
    expect(bob.all("typing:changed").flatMap(({ userIds }) => userIds)).not.toContain("eve");
    expect(place.services.accessRequests).toBe(before + 1);
  });
});
