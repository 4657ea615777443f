import { conversationRoom, SERVER_EVENTS, userRoom } from "@confab/contract/internal";
import { Server } from "socket.io";
import { describe, expect, it } from "vitest";
import { createRealtime, createRedis, Fanout, redisReady } from "../src/index.ts";
import { log, metrics, REDIS_URL, uniqueNames } from "./harness.ts";

/** A publisher without a port, and gateways whose adapters tell what reaches them. */
async function stage(cleanup: AsyncDisposableStack, gateways: number) {
  const names = uniqueNames();
  const realtime = () => cleanup.use(createRealtime({ url: REDIS_URL, names, log, metrics: metrics() }));
  const heard: { event: string; payload: unknown }[][] = [];
  const servers: Server[] = [];
  /** What gateways were told to do. */
  const told: [event: string, about: unknown][] = [];
  for (let index = 0; index < gateways; index++) {
    const io = new Server({ adapter: realtime().adapter });
    cleanup.defer(() => io.of("/").adapter.close());
    const packets: { event: string; payload: unknown }[] = [];
    const adapter = io.of("/").adapter as unknown as { onMessage(message: unknown): void };
    const receive = adapter.onMessage.bind(adapter);
    adapter.onMessage = (message) => {
      const { data } = message as { data?: { packet?: { data?: [string, unknown] } } };
      const packet = data?.packet?.data;
      if (packet) packets.push({ event: packet[0], payload: packet[1] });
      receive(message);
    };
    for (const event of Object.values(SERVER_EVENTS)) {
      io.on(event, (about: unknown) => told.push([event, about]));
    }
    heard.push(packets);
    servers.push(io);
  }
  const counted = metrics();
  const publishing = cleanup.use(createRealtime({ url: REDIS_URL, names, log, metrics: counted }));
  // Redis counts, too, but for every test that runs at the same time.
  const publishes = async (): Promise<number> => {
    const counter = await counted.registry.getSingleMetric("chat_adapter_publish_total")?.get();
    return counter?.values.reduce((sum, { value }) => sum + value, 0) ?? 0;
  };
  const fanout = cleanup.use(new Fanout(publishing));
  await redisReady(publishing.publisher, 5000);
  const subscribers = async (room: string): Promise<number> => {
    const reply = (await publishing.publisher.call(
      "PUBSUB",
      "SHARDNUMSUB",
      `${names.adapterChannel}#/#${room}#`,
    )) as [string, number];
    return reply[1];
  };
  /** A socketless member: what a room subscribes to does not depend on who is in it. */
  const join = async (gateway: number, room: string) => {
    await (servers[gateway] as Server)
      .of("/")
      .adapter.addAll(`socket-${gateway}-of-someone`, new Set([room]));
    await expect.poll(() => subscribers(room)).toBeGreaterThan(0);
  };
  return { fanout, publishing, publishes, heard, told, join };
}

describe("Fanout", () => {
  it("reaches gateways with members of the room, and no other", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { fanout, heard, join } = await stage(cleanup, 3);
    await join(0, userRoom("alice"));
    await join(1, userRoom("bo"));
    fanout.emit({ kind: "direct", userIds: ["alice", "bo"] }, "conversation:removed", {
      conversationId: "7",
    });
    fanout.emit({ kind: "group", conversationId: "8" }, "conversation:removed", { conversationId: "8" });
    await expect.poll(() => heard.map((packets) => packets.length)).toEqual([1, 1, 0]);
  });

  it("marks what may be dropped, and reaches the same gateways", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { fanout, heard, join } = await stage(cleanup, 2);
    await join(0, conversationRoom("8"));
    const payload = { conversationId: "8", userIds: ["alice"] };
    fanout.emitVolatile({ kind: "group", conversationId: "8" }, "typing:changed", payload);
    await expect.poll(() => heard).toEqual([[{ event: "typing:changed", payload }], []]);
  });

  it("says when a room that was joined is heard", async () => {
    await using cleanup = new AsyncDisposableStack();
    const names = uniqueNames();
    const realtime = cleanup.use(createRealtime({ url: REDIS_URL, names, log, metrics: metrics() }));
    const io = new Server({ adapter: realtime.adapter });
    const rooms = Array.from({ length: 50 }, (_, index) => conversationRoom(String(index + 1)));
    void io.of("/").adapter.addAll("someone", new Set(rooms));
    await realtime.subscribed();
    const other = createRedis(REDIS_URL, "worker", log);
    cleanup.defer(() => other.disconnect());
    const channels = rooms.map((room) => `${names.adapterChannel}#/#${room}#`);
    const counts = (await other.call("PUBSUB", "SHARDNUMSUB", ...channels)) as (string | number)[];
    expect(counts.filter((entry) => typeof entry === "number")).toEqual(rooms.map(() => 1));
  });

  it("publishes once per room, whoever is in it", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { fanout, heard, join, publishes } = await stage(cleanup, 1);
    await join(0, conversationRoom("8"));
    const before = await publishes();
    fanout.emit({ kind: "group", conversationId: "8" }, "conversation:removed", { conversationId: "8" });
    await expect.poll(() => heard[0]?.length).toBe(1);
    expect(await publishes()).toBe(before + 1);
  });

  it("says again, as a head, what Redis did not take", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { fanout, publishing, heard, join } = await stage(cleanup, 1);
    await join(0, userRoom("alice"));
    publishing.publisher.disconnect();
    fanout.emitToUser(
      "alice",
      "conversation:removed",
      { conversationId: "7" },
      { conversationId: "7", revision: 3 },
    );
    fanout.emitToUser(
      "alice",
      "conversation:removed",
      { conversationId: "7" },
      { conversationId: "7", revision: 4 },
    );
    await expect.poll(() => fanout.unannounced).toBe(1);
    await publishing.publisher.connect();
    await expect.poll(() => heard[0]).toEqual([{ event: "head", payload: { revisions: { "7": 4 } } }]);
    expect(fanout.unannounced).toBe(0);
  });

  it("tells gateways until Redis takes it what they are to do, and to ask where a move would be out of date", async () => {
    await using cleanup = new AsyncDisposableStack();
    const { fanout, publishing, told, join } = await stage(cleanup, 1);
    await join(0, userRoom("alice"));
    publishing.publisher.disconnect();
    fanout.leave("alice", "7");
    fanout.join(["bo"], "7");
    fanout.leave("bo", "7");
    fanout.revokeSession({ userId: "alice", sessionId: "phone" });
    fanout.announceBlock(["alice", "bo"]);
    await expect.poll(() => fanout.unannounced).toBe(4);
    await publishing.publisher.connect();
    await expect
      .poll(() => told)
      .toEqual([
        ["standing:changed", { userId: "alice" }],
        ["standing:changed", { userId: "bo" }],
        ["session:revoked", { userId: "alice", sessionId: "phone" }],
        ["blocks:changed", { userIds: ["alice", "bo"] }],
      ]);
    expect(fanout.unannounced).toBe(0);
  });
});
