import { Socket } from "node:net";
import { conversationRoom, userRoom } from "@confab/contract/internal";
import { until } from "@confab/testkit";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createPlace, type Place } from "./harness.ts";
import { messageOf } from "./stand-in.ts";

describe("fan-out", () => {
  let place: Place;
  let urls: string[];
  beforeAll(async () => {
    place = await createPlace();
    urls = [(await place.start()).url, (await place.start()).url];
    place.services.personOf("ada").groupIds = ["5"];
    place.services.personOf("bob").groupIds = ["5"];
  });
  afterAll(() => place[Symbol.asyncDispose]());

  /** How many gateways are subscribed to a room. */
  const listeners = async (room: string): Promise<number> => {
    const channel = `${place.names.adapterChannel}#/#${room}#`;
    const [, count] = (await place.redis.call("PUBSUB", "SHARDNUMSUB", channel)) as [string, number];
    return count;
  };

  it("reaches every device of both people and of the group, wherever they are connected", async () => {
    const devices = [
      await place.connect(urls[0] as string, "ada"),
      await place.connect(urls[1] as string, "ada"),
      await place.connect(urls[1] as string, "bob"),
    ];
    const stranger = await place.connect(urls[1] as string, "eve");
    place.fanout.emit(
      { kind: "direct", userIds: ["ada", "bob"] },
      "message:created",
      messageOf("ada", {}, 1),
    );
    place.fanout.emit({ kind: "group", conversationId: "5" }, "message:created", messageOf("bob", {}, 2));
    for (const device of devices) {
      await device.next("message:created", 1);
      expect(device.all("message:created").map(({ seq }) => seq)).toEqual([1, 2]);
    }
    await stranger.ask("conversation:heads", {});
    expect(stranger.all("message:created")).toEqual([]);
  });

  it("needs no second question before a group is heard", async () => {
    place.services.revisionGate.close();
    const bob = await place.connect(urls[0] as string, "bob");
    place.fanout.emit({ kind: "group", conversationId: "5" }, "message:created", messageOf("ada", {}, 3));
    await bob.next("message:created");
    place.services.revisionGate.open();
  });

  it("writes together what comes for a device together", async () => {
    const gateway = new URL(urls[0] as string);
    const fay = await place.connect(gateway.origin, "fay");
    const write = vi.spyOn(Socket.prototype, "_writev");
    const events = 100;
    for (let seq = 1; seq <= events; seq++) {
      place.fanout.emit({ kind: "direct", userIds: ["fay"] }, "message:created", messageOf("ada", {}, seq));
    }
    await until(() => fay.all("message:created").length === events);
    const own = write.mock.contexts.filter((socket) => String((socket as Socket).localPort) === gateway.port);
    write.mockRestore();
    expect(own.length).toBeGreaterThan(0);
    expect(own.length).toBeLessThan(events / 4);
  });

  it("bothers no gateway without members", async () => {
    const carol = await place.connect(urls[0] as string, "carol");
    expect(await listeners(userRoom("carol"))).toBe(1);
    place.fanout.emit({ kind: "direct", userIds: ["carol"] }, "message:created", messageOf("ada", {}, 1));
    await carol.next("message:created");
    carol.socket.disconnect();
    await until(async () => (await listeners(userRoom("carol"))) === 0);
  });

  it("follows changes of members", async () => {
    const dan = await place.connect(urls[0] as string, "dan");
    place.fanout.join(["dan"], "6");
    await until(async () => (await listeners(conversationRoom("6"))) === 1);
    place.fanout.emit({ kind: "group", conversationId: "6" }, "message:created", messageOf("ada", {}, 1));
    await dan.next("message:created");
    place.fanout.leave("dan", "6");
    await until(async () => (await listeners(conversationRoom("6"))) === 0);
    place.fanout.emit({ kind: "group", conversationId: "6" }, "message:created", messageOf("ada", {}, 2));
    await dan.ask("conversation:heads", {});
    expect(dan.all("message:created")).toHaveLength(1);
  });

  it("announces what changed between the heads and the moment a socket began to listen (P4)", async () => {
    const erin = place.services.personOf("erin");
    erin.revisions = { "8": 3, "9": 4 };
    place.services.revisionGate.close();
    const client = await place.connect(urls[0] as string, "erin");
    await until(() => place.services.revisionRequests.flat().includes("erin"));
    erin.revisions = { "8": 3, "9": 6, "10": 1 };
    erin.groupIds = ["10"];
    place.services.revisionGate.open();
    expect(await client.next("head")).toEqual({ revisions: { "9": 6, "10": 1 } });
    // Made a member in the meantime, she hears the group from now on.
    await until(async () => (await listeners(conversationRoom("10"))) === 1);
    place.fanout.emit({ kind: "group", conversationId: "10" }, "message:created", messageOf("ada", {}, 2));
    await client.next("message:created");
  });

  it("closes a socket whose session ended before anybody could tell it (P9)", async () => {
    place.services.revisionGate.close();
    const client = await place.connect(urls[0] as string, "hana", { token: { sessionId: "brief" } });
    place.services.endedSessions.add("brief");
    place.services.revisionGate.open();
    expect(await client.ended()).toBe("io server disconnect");
  });

  it("asks again when the message service does not answer at that moment", async () => {
    const gina = place.services.personOf("gina");
    place.services.down.add("/internal/revisions");
    const client = await place.connect(urls[0] as string, "gina");
    gina.revisions = { "8": 1 };
    await client.ask("conversation:heads", {});
    place.services.down.clear();
    expect(await client.next("head")).toEqual({ revisions: { "8": 1 } });
  });

  it("says nothing more to a socket that missed nothing", async () => {
    place.services.personOf("fred").revisions = { "8": 3 };
    const before = place.services.revisionRequests.length;
    const client = await place.connect(urls[0] as string, "fred");
    await until(() => place.services.revisionRequests.length > before);
    await client.ask("conversation:heads", {});
    expect(client.all("head")).toEqual([]);
  });
});
