import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Client, Refused } from "../generator/client.ts";

/** Our frames against the real Socket.IO: it is the library's opinion that counts. */
let cleanup: AsyncDisposableStack;
let io: Server;
let url: string;

beforeEach(async () => {
  cleanup = new AsyncDisposableStack();
  const http = createServer();
  io = new Server(http, { transports: ["websocket"], pingInterval: 50, pingTimeout: 20_000 });
  cleanup.defer(() => io.close());
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
});
afterEach(() => cleanup.disposeAsync());

function device() {
  const events: [name: string, json: string][] = [];
  const acks: [id: number, json: string][] = [];
  const lost = Promise.withResolvers<string>();
  const client = new Client(
    { index: 1, userId: "ann", url, token: "secret" },
    {
      onEvent: (_client, name, json) => void events.push([name, json]),
      onAck: (_client, id, json) => void acks.push([id, json]),
      onLost: (_client, why) => lost.resolve(why),
    },
  );
  cleanup.defer(() => client.drop());
  return { client, events, acks, lost: lost.promise };
}

const onConnection = (serve: (socket: Socket) => void) => io.on("connection", serve);

describe("the generator's client and Socket.IO", () => {
  it("sign in, send, are answered, and hear", async () => {
    const auths: unknown[] = [];
    onConnection((socket) => {
      auths.push(socket.handshake.auth);
      socket.on("message:send", (sent: { body: string }, answer: (reply: object) => void) => {
        socket.emit("message:created", { seq: 1, body: sent.body });
        answer({ ok: true, seq: 1 });
      });
      socket.emit("ready", { heads: [] });
    });
    const { client, events, acks } = device();
    expect(await client.connect()).toBe('{"heads":[]}');
    expect(auths).toEqual([{ token: "secret", protocol: 1, active: true }]);
    client.send("message:send", '{"body":"hello"}', 0);
    expect(await client.request("message:send", '{"body":"again"}')).toBe('{"ok":true,"seq":1}');
    expect(acks).toEqual([[0, '{"ok":true,"seq":1}']]);
    expect(events).toEqual([
      ["message:created", '{"seq":1,"body":"hello"}'],
      ["message:created", '{"seq":1,"body":"again"}'],
    ]);
  });

  it("stay together as long as pings are answered", async () => {
    const reasons: string[] = [];
    onConnection((socket) => {
      socket.on("disconnect", (reason) => reasons.push(reason));
      let pings = 0;
      socket.conn.on("heartbeat", () => {
        if (++pings === 8) socket.emit("enough");
      });
      socket.emit("ready", {});
    });
    const { client, events } = device();
    await client.connect();
    await expect.poll(() => events.length).toBe(1);
    expect(reasons).toEqual([]);
  });

  it("part as the one or the other wants", async () => {
    const reasons: string[] = [];
    onConnection((socket) => {
      socket.on("disconnect", (reason) => reasons.push(reason));
      socket.on("send me away", () => socket.disconnect(true));
      socket.emit("ready", {});
    });
    const [leaving, dropping, dismissed] = [device(), device(), device()];
    for (const { client } of [leaving, dropping, dismissed]) await client.connect();
    leaving.client.leave();
    await expect.poll(() => reasons).toEqual(["client namespace disconnect"]);
    dropping.client.drop();
    await expect.poll(() => reasons[1]).toBe("transport close");
    dismissed.client.send("send me away", "{}", 0);
    expect(await dismissed.lost).toMatch(/^closed/);
  });

  it("say when to come back", async () => {
    io.use((_socket, next) => next(Object.assign(new Error("no"), { data: { retryAfterMs: 1500 } })));
    const refusal = await device()
      .client.connect()
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Refused);
    expect((refusal as Refused).retryAfterMs).toBe(1500);
  });

  it("know a refused upgrade", async () => {
    const refusing = createServer();
    refusing.on("upgrade", (_request, socket) =>
      socket.end("HTTP/1.1 503 Busy\r\nRetry-After: 2\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    );
    refusing.listen(0, "127.0.0.1");
    await once(refusing, "listening");
    cleanup.defer(() => void refusing.close());
    url = `ws://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
    const refusal = await device()
      .client.connect()
      .catch((error: unknown) => error);
    expect((refusal as Refused).message).toBe("status 503");
    expect((refusal as Refused).retryAfterMs).toBe(2000);
  });
});
