/**
 * Stopping without a storm: clients are told when to come back, each at another moment of the window, and each is
 * sent away at that moment, once its commands have been answered. Their leases are given back before the end.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayContext } from "./context.ts";
import { cutOff } from "./slow-readers.ts";
import { type GatewaySocket, localSockets } from "./socket.ts";

const WAVE_MS = 100;

export async function drain(ctx: GatewayContext): Promise<void> {
  const { windowMs } = ctx.config.drain;
  const startedMs = performance.now();
  const leaving = [...localSockets(ctx.io).values()].map((socket) => {
    const reconnectInMs = Math.floor(ctx.random() * windowMs);
    socket.emit("server:draining", { reconnectInMs });
    return { socket, atMs: startedMs + reconnectInMs };
  });
  leaving.sort((a, b) => a.atMs - b.atMs);
  const goodbyes: Promise<void>[] = [];
  for (const { socket, atMs } of leaving) {
    if (atMs > performance.now()) await sleep(Math.max(WAVE_MS, atMs - performance.now()));
    goodbyes.push(sendAway(ctx, socket));
  }
  await Promise.all(goodbyes);
  // Whoever has not signed in by now never will.
  ctx.io.engine.close();
  await ctx.leases.settled();
}

/** The transport ends rather than the session: clients of every kind then connect again by themselves. */
async function sendAway(ctx: GatewayContext, socket: GatewaySocket): Promise<void> {
  socket.data.leaving = true;
  const giveUpAtMs = performance.now() + ctx.config.drain.acksMs;
  while (socket.connected && socket.data.inFlight > 0 && performance.now() < giveUpAtMs) await sleep(20);
  if (!socket.connected) return;
  const closed = new Promise<void>((resolve) => socket.once("disconnect", () => resolve()));
  socket.conn.close();
  await Promise.race([closed, sleep(ctx.config.drain.acksMs)]);
  if (socket.connected) cutOff(socket.conn);
}
