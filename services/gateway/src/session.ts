/**
 * A socket's life from signed in to gone.
 * P4, P9: rooms are joined here only, by what the message service said; what changed between its answer and the
 * moment from which the socket hears its rooms is asked for afterwards and announced as `head`.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { conversationRoom, type OpenedSession, userRoom } from "@confab/contract/internal";
import { withDeadline } from "@confab/runtime";
import type { GatewayContext } from "./context.ts";
import { serveGuest } from "./dialects/serve.ts";
import { routeCommands } from "./router.ts";
import type { GatewaySocket } from "./socket.ts";

/** Without Redis a socket can still send and sync, so it is not kept waiting for long. */
const SUBSCRIBE_DEADLINE_MS = 1000;

export function serveSockets(ctx: GatewayContext): void {
  ctx.io.on("connection", (socket) => {
    const { guest, opened } = socket.data;
    socket.on("disconnect", (reason) => endSession(ctx, socket, reason));
    if (guest) serveGuest(ctx, guest, () => startSession(ctx, socket));
    else routeCommands(ctx, socket);
    // Who has yet to sign in begins then.
    if (!opened) return;
    startSession(ctx, socket).catch((error: unknown) => {
      ctx.metrics.errors.inc({ where: "session" });
      ctx.log.error({ err: error, socketId: socket.id }, "a session did not start");
      socket.disconnect(true);
    });
  });
}

async function startSession(ctx: GatewayContext, socket: GatewaySocket): Promise<void> {
  const { userId, opened, guest } = socket.data;
  if (!opened) throw new Error("a socket connected without signing in");
  socket.data.opened = undefined;
  guest?.begin(opened.heads);
  void socket.join([userRoom(userId), ...opened.groupIds.map(conversationRoom)]);
  ctx.leases.open(socket);
  // Joining asks Redis for the room's channel and does not wait: what is published before it answers is lost.
  const subscribed = ctx.subscribed();
  const isHeard = await withDeadline(subscribed, SUBSCRIBE_DEADLINE_MS, "subscribe").then(
    () => true,
    () => false,
  );
  if (!socket.connected) return;
  socket.emit("ready", {
    userId,
    connectionId: socket.id,
    serverTime: new Date(ctx.clock.now()).toISOString(),
    heads: opened.heads,
    hasMore: opened.hasMore,
    personalRevision: opened.personalRevision,
  });
  await ctx.healer.catchUp(socket, opened);
  // Nobody waits for that: it may be long.
  if (!isHeard) void subscribed.then(() => catchUpLate(ctx, socket, opened));
}

/** A Redis that is merely slow comes back without anybody noticing; scattered, as after one that was away. */
async function catchUpLate(ctx: GatewayContext, socket: GatewaySocket, opened: OpenedSession): Promise<void> {
  await sleep(ctx.random() * ctx.config.healSpreadMs, undefined, { ref: false });
  await ctx.healer.catchUp(socket, opened);
}

function endSession(ctx: GatewayContext, socket: GatewaySocket, reason: string): void {
  ctx.metrics.disconnects.inc({ reason });
  if (socket.data.guest) ctx.dialects.remove(socket.data.guest);
  if (socket.data.userId === "") return;
  ctx.leases.close(socket, reason === "client namespace disconnect");
  ctx.hub.forget(socket);
  ctx.typing.forget(socket);
}
