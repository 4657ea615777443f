import { until } from "@confab/testkit";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, type Environment, startCluster } from "./cluster.ts";
import { setStage } from "./transcripts/play.ts";
import { fill, type Values } from "./transcripts/values.ts";

/** The second gateway waits no longer for somebody to sign in: it is for those who never do. */
const PATIENCE_MS = 4000;
const cleanup = new AsyncDisposableStack();
let cluster: Cluster;
let stage: Values;
beforeAll(async () => {
  cluster = cleanup.use(
    await startCluster({
      gateways: 2,
      gatewaySettings: async (index): Promise<Environment> =>
        index === 1 ? { GATEWAY_CONNECT_TIMEOUT_MS: `${PATIENCE_MS}` } : {},
    }),
  );
  stage = await setStage(cluster, cleanup);
});
afterAll(() => cleanup.disposeAsync());

const value = (name: string) => fill(stage, name);
interface Stranger {
  socket: Socket;
  heard: [event: string, ...args: unknown[]][];
  heardOf: (event: string) => unknown[];
}

function open(auth: object, url = cluster.gatewayUrls[0] as string): Stranger {
  const socket = io(url, { forceNew: true, reconnection: false, auth });
  cleanup.defer(() => void socket.disconnect());
  const heard: Stranger["heard"] = [];
  socket.onAny((event: string, ...args: unknown[]) => heard.push([event, ...args]));
  return {
    socket,
    heard,
    heardOf: (event) => heard.filter(([name]) => name === event).map(([, payload]) => payload),
  };
}
const connected = async (auth: object, gateway = 0): Promise<Stranger> => {
  const stranger = open(auth, cluster.gatewayUrls[gateway]);
  await until(() => stranger.socket.connected);
  return stranger;
};
const refusalOf = ({ socket }: Stranger) =>
  new Promise<unknown>((resolve) => {
    socket.once("connect_error", (error) => resolve((error as Error & { data: unknown }).data));
    socket.once("connect", () => resolve("connected"));
  });
const messageCount = async () =>
  Number((await cluster.stores.query("SELECT COUNT(*) AS count FROM messages"))[0]?.count);

describe("signing in", () => {
  it.each([
    ["a dialect that nobody knows", { dialect: "005" }, "unknown_dialect"],
    ["001 without a token", { dialect: "001" }, "token_missing"],
    ["an undeclared client with a wrong token", { token: "nonsense" }, "token_invalid"],
  ])("%s is refused when it connects", async (_what, auth, reason) => {
    expect(await refusalOf(open(auth))).toMatchObject({ reason });
  });

  it("nobody may do nothing else, is told so in an error, and is closed", async () => {
    const before = await messageCount();
    const since = performance.now();
    const stranger = await connected({}, 1);
    const closed = new Promise((resolve) => stranger.socket.once("disconnect", resolve));
    const message = { to: value("$bo"), content: "hi" };
    expect(await stranger.socket.emitWithAck("privateMessage", message)).toMatchObject({
      ok: false,
      error: { code: "unauthenticated" },
    });
    expect(stranger.heardOf("error")).toMatchObject([{ code: "unauthenticated" }]);
    expect(await closed).toBe("io server disconnect");
    // Not for what it said: it has had its time.
    expect(performance.now() - since).toBeGreaterThan(PATIENCE_MS - 100);
    expect(await messageCount()).toBe(before);
    // Nothing of what others do came its way.
    expect(stranger.heard.map(([event]) => event)).toEqual(["error"]);
  });

  it("somebody else's userId signs nobody in, and what follows at once is not done", async () => {
    const before = await messageCount();
    const stranger = await connected({}, 1);
    stranger.socket.emit("register", { userId: value("$bo"), authToken: value("$ann.token") });
    stranger.socket.emit("privateMessage", { to: value("$bo"), content: "not me" });
    await until(() => stranger.heardOf("error").length === 2);
    expect(stranger.heardOf("error")).toMatchObject([{ reason: "other_user" }, { code: "unauthenticated" }]);
    expect(await messageCount()).toBe(before);
    await until(() => stranger.socket.disconnected);
  });

  it("events that follow the sign-in at once wait for it", async () => {
    const ann = await connected({});
    ann.socket.emit("register", { userId: value("$ann"), authToken: value("$ann.token") });
    const sent = await ann.socket.emitWithAck("privateMessage", { to: value("$bo"), content: "at once" });
    expect(sent).toMatchObject({ ok: true, conversationId: value("$direct") });
  });
});

describe("a client that is signed in", () => {
  it("hears the error of its dialect for every wrong thing, does nothing by it, and stays", async () => {
    const cy = await connected({ dialect: "002", token: value("$cy.token") });
    const before = await messageCount();
    const wrong: [string, unknown][] = [
      ["sendMessage", { conversationId: value("#group"), senderId: value("#ann"), content: "as ann" }],
      ["sendMessage", { conversationId: value("#direct"), senderId: value("#cy"), content: "not mine" }],
      ["sendMessage", { conversationId: 2 ** 60, senderId: value("#cy"), content: "far out" }],
      ["sendMessage", { conversationId: value("#group"), senderId: value("#cy"), content: { $gt: "" } }],
      ["sendMessage", { conversationId: value("#group"), senderId: value("#cy"), content: "  " }],
      ["joinRoom", -1],
      ["joinRoom", 1.5],
      ["joinRoom", null],
      ["joinRoom", { conversationId: value("#group") }],
      ["joinRoom", value("#direct")],
      ["markAsRead", { conversationId: value("#group"), messageIds: [] }],
      ["markAsRead", { conversationId: value("#group"), messageIds: ["1; DROP TABLE messages"] }],
      ["markAsRead", "everything"],
    ];
    for (const [event, payload] of wrong) cy.socket.emit(event, payload);
    await until(() => cy.heardOf("messageError").length === wrong.length, {
      describe: () => JSON.stringify(cy.heard),
    });
    for (let n = 0; n < 150; n++) cy.socket.emit("markAsRead", n);
    await until(() => cy.heardOf("messageError").length === wrong.length + 150);
    expect(await messageCount()).toBe(before);
    expect(cy.socket.connected).toBe(true);
    expect(new Set(cy.heard.map(([event]) => event))).toEqual(new Set(["messageError"]));
  });

  it("may not name other people's rooms, and a declared dialect ignores the words of others", async () => {
    const cy = await connected({ dialect: "001", token: value("$cy.token") });
    const alias = fill(stage, "conv_{ann}_{bo}");
    cy.socket.emit("send_message", { conversationId: alias, messageText: "hi", messageType: "text" });
    cy.socket.emit("join_conversation", { conversationId: value("#direct") });
    cy.socket.emit("send_message", {
      conversationId: value("#group"),
      messageText: "look",
      messageType: "file",
      attachmentUrl: "javascript:alert(1)",
    });
    cy.socket.emit("message:send", { conversationId: value("$group"), body: "native" });
    cy.socket.emit("sendMessage", {
      conversationId: value("#group"),
      senderId: value("#cy"),
      content: "002",
    });
    cy.socket.emit("mark_read", {});
    await until(() => cy.heardOf("error").length === 4);
    expect(cy.heardOf("error")).toMatchObject([
      { reason: "conversation" },
      { reason: "conversation" },
      { reason: "invalid:attachmentUrl" },
      { code: "invalid" },
    ]);
    expect(cy.heardOf("new_message")).toEqual([]);
    expect(cy.socket.connected).toBe(true);
  });

  it("of 004 may send twenty messages a minute", async () => {
    const bo = await connected({ dialect: "004", token: value("$bo.token") });
    const since = performance.now();
    const sendings = Array.from({ length: 25 }, (_, n) =>
      bo.socket.emitWithAck("send_message", { roomId: value("$group"), content: `${n}` }),
    );
    const answers = await Promise.all(sendings);
    // One more for every three seconds that it takes.
    const most = 20 + Math.floor((performance.now() - since) / 3000);
    const sent = answers.filter(({ ok }) => ok).length;
    expect(sent).toBeGreaterThanOrEqual(20);
    expect(sent).toBeLessThanOrEqual(most);
    expect(answers.at(-1)).toMatchObject({ ok: false, error: { code: "rate_limited" } });
    expect(bo.heardOf("error")).toHaveLength(answers.length - sent);
  });

  it("sends the same message once, whatever its own key looks like", async () => {
    const cy = await connected({ dialect: "004", token: value("$cy.token") });
    const again = () =>
      cy.socket.emitWithAck("send_message", { roomId: value("$group"), content: "once", clientMsgId: "k-1" });
    const [first, second] = [await again(), await again()];
    expect(second.id).toBe(first.id);
  });
});

it("a dialect that is turned off is refused, and with all of them off an undeclared client is native", async () => {
  await using own = new AsyncDisposableStack();
  const other = own.use(await startCluster({ gateways: 1, settings: { GATEWAY_DIALECTS: "none" } }));
  const url = other.gatewayUrls[0] as string;
  const connect = (auth: object) => {
    const socket = io(url, { transports: ["websocket"], reconnection: false, forceNew: true, auth });
    own.defer(() => void socket.disconnect());
    return refusalOf({ socket } as Stranger);
  };
  expect(await connect({ dialect: "001", token: "x" })).toMatchObject({ reason: "unknown_dialect" });
  expect(await connect({})).toMatchObject({ reason: "token_missing" });
});
