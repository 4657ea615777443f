/**
 * P6 for clients that acknowledge nothing: a message counts as delivered once the socket to which it was written answered
 * a later ping, or sent anything. Engine.IO's own pings are too rare for that, so a socket that was written to is pinged.
 */
import type { ConversationId } from "@confab/contract";
import { LOOKUP_RPC } from "@confab/contract/internal";
import type { GatewayContext } from "../context.ts";
import type { DialectClient } from "./client.ts";

/** What Engine.IO calls private; an upgrade that changes it fails the tests of delivery. */
interface Connection {
  sendPacket(type: "ping"): void;
  on(event: "packetCreate" | "heartbeat", listener: (packet: { type: string }) => void): void;
}

export function confirmByPongs(ctx: GatewayContext, client: DialectClient): void {
  const connection = client.socket.conn as unknown as Connection;
  connection.on("packetCreate", ({ type }) => {
    if (type === "ping") client.pings.push(new Map(client.unconfirmed));
  });
  connection.on("heartbeat", () => {
    const reached = client.pings.shift();
    if (reached) void confirm(ctx, client, reached);
  });
}

/** Asks for a sign of life where something was written and none is awaited. */
export function pingIfWritten(client: DialectClient): void {
  if (client.unconfirmed.size === 0 || client.pings.some((reached) => reached.size > 0)) return;
  (client.socket.conn as unknown as Connection).sendPacket("ping");
}

/** Whatever comes from the client comes from somebody who is there. */
export const confirmAll = (ctx: GatewayContext, client: DialectClient): Promise<void> =>
  confirm(ctx, client, new Map(client.unconfirmed));

async function confirm(
  ctx: GatewayContext,
  client: DialectClient,
  reached: ReadonlyMap<ConversationId, number>,
): Promise<void> {
  await Promise.all([...reached].map(([conversationId, seq]) => mark(ctx, client, conversationId, seq)));
}

async function mark(
  ctx: GatewayContext,
  client: DialectClient,
  conversationId: ConversationId,
  seq: number,
): Promise<void> {
  const { userId, unconfirmed } = client;
  const written = unconfirmed.get(conversationId);
  if (written === undefined) return;
  if (written <= seq) unconfirmed.delete(conversationId);
  try {
    const isSeen = await seesWhatComes(ctx, client, conversationId);
    await ctx.receipts.mark({ userId, conversationId, deliveredSeq: seq, ...(isSeen && { readSeq: seq }) });
  } catch (error) {
    ctx.log.debug(
      { err: error, conversationId, userId },
      "a delivery could not be marked; it is tried again",
    );
    unconfirmed.set(conversationId, Math.max(seq, unconfirmed.get(conversationId) ?? 0));
  }
}

async function seesWhatComes(
  ctx: GatewayContext,
  { dialect, focused, userId }: DialectClient,
  conversationId: ConversationId,
): Promise<boolean> {
  if (!dialect?.readsWhileActive || !focused) return false;
  return (await ctx.dialects.lookups.peers(conversationId, userId)).kind === "direct";
}

/** Who looks again sees what came while they did not. */
export async function readDelivered(ctx: GatewayContext, client: DialectClient): Promise<void> {
  const { userId } = client;
  await confirmAll(ctx, client);
  const { marks } = await ctx.message.call(LOOKUP_RPC.listUnreadDirects, { userId });
  await Promise.all(
    marks.map(({ conversationId, deliveredSeq }) =>
      ctx.receipts.mark({ userId, conversationId, readSeq: deliveredSeq }),
    ),
  );
}
