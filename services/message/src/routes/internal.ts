import { ChatError } from "@confab/contract";
import { MESSAGE_RPC, type Outcome } from "@confab/contract/internal";
import { bindInternalRoute, type HttpServer } from "@confab/runtime";
import { runCommand } from "../commands.ts";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { peerOf } from "../messages/head.ts";
import type { Sender } from "../messages/sender.ts";
import type { Marker } from "../receipts/marker.ts";
import { openSessions } from "../session.ts";
import { listRevisions } from "../standing.ts";
import { syncAll } from "../sync.ts";
import { listEndedSessions } from "../users/sessions.ts";

/** The door for gateways and other services, which have authenticated whom they speak for. */
export function registerInternalRoutes(
  app: HttpServer,
  ctx: MessageContext,
  { sender, marker }: { sender: Sender; marker: Marker },
): void {
  const token = ctx.config.internalToken;
  bindInternalRoute(app, MESSAGE_RPC.sendMessages, token, async ({ items }) => {
    const outcomes = await sender.send(
      items.map(({ actorId, message }) => ({
        senderId: actorId,
        authority: "member",
        conversationId: message.conversationId,
        to: message.to,
        message,
      })),
    );
    return { results: outcomes.map(toOutcome) };
  });
  bindInternalRoute(app, MESSAGE_RPC.markReceipts, token, async ({ items }) => ({
    results: (await marker.mark(items)).map(toOutcome),
  }));
  bindInternalRoute(app, MESSAGE_RPC.runCommand, token, (input) => runCommand(ctx, input));
  bindInternalRoute(app, MESSAGE_RPC.openSessions, token, async ({ items }) => ({
    results: (await openSessions(ctx, items)).map(toOutcome),
  }));
  bindInternalRoute(app, MESSAGE_RPC.syncAll, token, async ({ items }) => ({
    results: (await syncAll(ctx, items)).map(toOutcome),
  }));
  bindInternalRoute(app, MESSAGE_RPC.getRevisions, token, async ({ userIds, sessionIds }) => {
    const [standings, endedSessionIds] = await Promise.all([
      listRevisions(ctx, userIds),
      listEndedSessions(ctx, sessionIds),
    ]);
    return { ...standings, endedSessionIds };
  });
  bindInternalRoute(app, MESSAGE_RPC.getAccess, token, async (input) => {
    const { conversation, member } = await requireMember(ctx.sql, input);
    const isBlocked = member.blocksPeer || member.blockedByPeer;
    return { kind: conversation.kind, peerId: isBlocked ? null : peerOf(conversation, input.userId) };
  });
}

const toOutcome = <T>(result: T | ChatError): Outcome<T> =>
  result instanceof ChatError ? { ok: false, error: result.toWire() } : { ok: true, value: result };
