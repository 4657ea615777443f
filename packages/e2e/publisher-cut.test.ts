/** P9 where whoever publishes has lost Redis, and the gateways, which have not, notice nothing. */
import { conversationRoom, redisNames } from "@confab/contract/internal";
import { createCut, until } from "@confab/testkit";
import { Redis } from "ioredis";
import { io } from "socket.io-client";
import { expect, it } from "vitest";
import { startCluster } from "./cluster.ts";
import { rest } from "./rest.ts";

it("whoever was removed or signed out meanwhile hears nothing more once it is back", async () => {
  await using cleanup = new AsyncDisposableStack();
  const url = process.env.TEST_REDIS_REALTIME_URL as string;
  const cut = cleanup.use(await createCut(url));
  const cluster = cleanup.use(
    await startCluster({
      gateways: 1,
      settings: { REDIS_REALTIME_URL: cut.url },
      gatewaySettings: async () => ({ REDIS_REALTIME_URL: url }),
    }),
  );
  const redis = new Redis(url);
  cleanup.defer(() => redis.disconnect());
  const address = cluster.addresses[0] as string;
  const join = async (username: string) => {
    const account = { username, password: "correct horse battery" };
    const {
      user,
      accessToken: token,
      refreshToken,
    } = (await rest(address).post("/v1/auth/register", account)).body;
    return { id: user.id as string, token: token as string, refreshToken, ...rest(address, token) };
  };
  const [ann, bo, cy] = [await join("ann"), await join("bo"), await join("cy")];
  const group = await ann.post("/v1/conversations", {
    kind: "group",
    title: "All",
    memberIds: [bo.id, cy.id],
  });
  const { id } = group.body;
  const connect = async ({ token }: { token: string }) => {
    const options = { transports: ["websocket"], forceNew: true, reconnection: false };
    const socket = io(cluster.gatewayUrls[0] as string, { ...options, auth: { token, protocol: 1 } });
    cleanup.defer(() => void socket.disconnect());
    await new Promise((resolve) => socket.once("ready", resolve));
    return socket;
  };
  const [removed, signedOut] = [await connect(bo), await connect(cy)];
  const channel = `${redisNames(cluster.stores.redisPrefix).adapterChannel}#/#${conversationRoom(id)}#`;
  const isHeard = async () => ((await redis.call("PUBSUB", "SHARDNUMSUB", channel)) as unknown[])[1] === 1;
  await until(isHeard);

  await cut.cut();
  expect((await ann.delete(`/v1/conversations/${id}/members/${bo.id}`)).status).toBe(204);
  const left = await rest(address).post("/v1/auth/logout", { refreshToken: cy.refreshToken });
  expect(left.status).toBe(204);
  await cut.heal();

  await until(() => signedOut.disconnected);
  await until(async () => !(await isHeard()));
  expect(removed.connected).toBe(true);
});
