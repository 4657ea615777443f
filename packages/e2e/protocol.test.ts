import { randomUUID } from "node:crypto";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster } from "./cluster.ts";
import { rest } from "./rest.ts";

/**
 * A client that is not ours: socket.io-client and fetch, following docs/protocol.md alone. Two people on two
 * gateways sign in, send and receive.
 */
let cluster: Cluster;
const sockets: Socket[] = [];

beforeAll(async () => {
  cluster = await startCluster({ gateways: 2 });
});
afterAll(async () => {
  for (const socket of sockets) socket.disconnect();
  await cluster?.[Symbol.asyncDispose]();
});

async function register(name: string) {
  const username = `${name}-${randomUUID().slice(0, 8)}`;
  const reply = await rest(cluster.messageUrl).post("/v1/auth/register", {
    username,
    password: "eight or more",
  });
  expect(reply.status).toBe(201);
  return { userId: reply.body.user.id as string, token: reply.body.accessToken as string };
}

function connect(gateway: number, auth: Record<string, unknown>): Socket {
  const socket = io(cluster.gatewayUrls[gateway] as string, {
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    auth,
  });
  sockets.push(socket);
  return socket;
}
// biome-ignore lint/suspicious/noExplicitAny: a stranger's client has no types of ours.
const once = (socket: Socket, event: string) => new Promise<any>((resolve) => socket.once(event, resolve));

describe("a bare socket.io-client", () => {
  it("signs in, sends, receives, retries, syncs", async () => {
    const [alice, bo] = [await register("alice"), await register("bo")];
    const [from, to] = [
      connect(0, { token: alice.token, protocol: 1, active: true }),
      connect(1, { token: bo.token, protocol: 1, active: true }),
    ];
    const [ready] = await Promise.all([once(from, "ready"), once(to, "ready")]);
    expect(ready).toMatchObject({ userId: alice.userId, heads: [], hasMore: false });

    const arrives = once(to, "message:created");
    const command = { to: bo.userId, clientMessageId: randomUUID(), body: "hello" };
    const sent = await from.timeout(10_000).emitWithAck("message:send", command);
    expect(sent).toMatchObject({
      ok: true,
      duplicate: false,
      message: { seq: 1, body: "hello", senderId: alice.userId },
    });
    expect(await arrives).toMatchObject({ id: sent.message.id, seq: 1, revision: sent.message.revision });

    const again = await from.timeout(10_000).emitWithAck("message:send", command);
    expect(again).toMatchObject({ ok: true, duplicate: true, message: { id: sent.message.id } });
    const other = await from
      .timeout(10_000)
      .emitWithAck("message:send", { ...command, body: "something else" });
    expect(other).toMatchObject({ ok: false, error: { code: "conflict" } });

    const { conversationId } = sent.message;
    const receipt = once(from, "receipt:updated");
    const read = await to.timeout(10_000).emitWithAck("receipt:read", { conversationId, seq: 1 });
    expect(read).toMatchObject({ ok: true, readSeq: 1, deliveredSeq: 1 });
    expect(await receipt).toMatchObject({ conversationId, userId: bo.userId, readSeq: 1 });

    const sync = await to
      .timeout(10_000)
      .emitWithAck("conversation:sync", { cursors: { [conversationId]: 0 } });
    expect(sync.conversations[0]).toMatchObject({
      conversationId,
      hasMore: false,
      messages: [{ id: sent.message.id }],
    });
    const heads = await to.timeout(10_000).emitWithAck("conversation:heads", {});
    expect(heads.heads).toMatchObject([{ conversationId, lastSeq: 1, readSeq: 1 }]);
  });

  it.each([
    ["no token", { protocol: 1 }, "unauthenticated", "token_missing"],
    ["a wrong token", { token: "x.y.z", protocol: 1 }, "unauthenticated", "token_invalid"],
    ["another protocol", { token: "x.y.z", protocol: 99 }, "unsupported_version", undefined],
  ])("with %s is refused and told why", async (_what, auth, code, reason) => {
    const error = await once(connect(0, auth), "connect_error");
    expect(error.data).toMatchObject({ code, ...(reason && { reason }) });
  });
});
