/** The REST of seed 003 at its own paths and in its own shapes: the same authoriser and use cases as `/v1`. */
import { randomUUID } from "node:crypto";
import { ChatError, type ConversationId, ERROR_CODES, type UserId } from "@confab/contract";
import { SEED_003_ROUTES, toSeedConversation, toSeedMessage } from "@confab/contract/internal";
import { type HttpServer, refusalOf } from "@confab/runtime";
import { userRoute } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { createConversation } from "../conversations/create.ts";
import { getConversation, listConversationsByOffset } from "../conversations/list.ts";
import { addMember, removeMember } from "../conversations/members.ts";
import { asChatError } from "../faults.ts";
import { deriveUuid } from "../messages/dedupe.ts";
import { deleteMessage } from "../messages/delete.ts";
import { editMessage } from "../messages/edit.ts";
import { requireMessage } from "../messages/find.ts";
import { listMessagesByOffset } from "../messages/list-by-offset.ts";
import { addReaction } from "../messages/react.ts";
import type { Sender } from "../messages/sender.ts";
import type { Marker } from "../receipts/marker.ts";

interface Words {
  content_encrypted?: string | null | undefined;
  content?: string | null | undefined;
}
const wordsOf = ({ content_encrypted, content }: Words) =>
  content_encrypted
    ? { kind: "sealed" as const, body: content_encrypted }
    : { kind: "text" as const, body: content ?? "" };

export function registerSeed003Routes(
  app: HttpServer,
  ctx: MessageContext,
  { sender, marker }: { sender: Sender; marker: Marker },
): void {
  app.register(async (scope) => {
    const api = scope as HttpServer;
    api.setErrorHandler((thrown, request, reply) => {
      const error = refusalOf(thrown, asChatError);
      if (error.code === "internal") request.log.error({ err: thrown, reqId: request.id }, "request failed");
      const { code, reason, message } = error.toWire();
      return reply.code(ERROR_CODES[code].status).send({ success: false, error: message, code, reason });
    });
    registerConversations(api, ctx);
    registerMessages(api, ctx, sender);
    registerMarks(api, ctx, marker);
  });
}

function registerConversations(app: HttpServer, ctx: MessageContext): void {
  const read = async (userId: UserId, conversationId: ConversationId) =>
    toSeedConversation(await getConversation(ctx, { userId, conversationId }));

  userRoute(app, ctx, SEED_003_ROUTES.seed003CreateDirect, async ({ actor, body }) => {
    const made = await createConversation(ctx, actor.userId, { kind: "direct", userId: body.user_id });
    return read(actor.userId, made.id);
  });
  userRoute(app, ctx, SEED_003_ROUTES.seed003CreateGroup, async ({ actor, body }) => {
    const group = { kind: "group" as const, title: body.title, memberIds: body.participant_ids };
    const made = await createConversation(ctx, actor.userId, group);
    return read(actor.userId, made.id);
  });
  userRoute(app, ctx, SEED_003_ROUTES.seed003ListConversations, async ({ actor, query }) => {
    const { items, total } = await listConversationsByOffset(ctx, { userId: actor.userId, ...query });
    return { conversations: items.map(toSeedConversation), total };
  });
  userRoute(app, ctx, SEED_003_ROUTES.seed003GetConversation, ({ actor, params }) =>
    read(actor.userId, params.conversationId),
  );
  userRoute(app, ctx, SEED_003_ROUTES.seed003AddParticipant, async ({ actor, params, body }) => {
    await addMember(ctx, { actorId: actor.userId, ...params, userId: body.user_id });
    return read(actor.userId, params.conversationId);
  });
  userRoute(app, ctx, SEED_003_ROUTES.seed003RemoveParticipant, async ({ actor, params }) => {
    await removeMember(ctx, { actorId: actor.userId, ...params });
    // Whoever has left is told no more of it.
    if (params.userId === actor.userId) return { id: params.conversationId, participants: [] };
    return read(actor.userId, params.conversationId);
  });
}

function registerMessages(app: HttpServer, ctx: MessageContext, sender: Sender): void {
  userRoute(app, ctx, SEED_003_ROUTES.seed003ListMessages, async ({ actor, params, query }) => {
    const page = await listMessagesByOffset(ctx, { userId: actor.userId, ...params, ...query });
    return { ...page, messages: page.messages.map(toSeedMessage) };
  });
  userRoute(app, ctx, SEED_003_ROUTES.seed003SendMessage, async ({ actor, headers, body }) => {
    const key = headers["idempotency-key"];
    const clientMessageId = key ? deriveUuid("send", key) : randomUUID();
    const [outcome] = await sender.send([
      {
        senderId: actor.userId,
        authority: "member",
        conversationId: body.conversation_id,
        message: { clientMessageId, ...wordsOf(body) },
      },
    ]);
    if (!outcome || outcome instanceof ChatError) throw outcome;
    return toSeedMessage(outcome.message);
  });
  userRoute(app, ctx, SEED_003_ROUTES.seed003EditMessage, async ({ actor, params, body }) => {
    const { kind, ...words } = wordsOf(body);
    const message = await requireMessage(ctx, { userId: actor.userId, ...params });
    // Ciphertext among plain words would be shown to people, plain words among ciphertext would be opened in vain.
    if ((message.kind === "sealed") !== (kind === "sealed")) {
      throw new ChatError("conflict", { reason: message.kind === "sealed" ? "sealed" : "not_sealed" });
    }
    return toSeedMessage(await editMessage(ctx, { actorId: actor.userId, ...params, ...words }));
  });
  userRoute(app, ctx, SEED_003_ROUTES.seed003DeleteMessage, async ({ actor, params }) => {
    await deleteMessage(ctx, { actorId: actor.userId, ...params, scope: "everyone" });
    return { success: true as const };
  });
}

function registerMarks(app: HttpServer, ctx: MessageContext, marker: Marker): void {
  userRoute(app, ctx, SEED_003_ROUTES.seed003SetStatus, async ({ actor, params, body }) => {
    const { conversationId, seq } = await requireMessage(ctx, { userId: actor.userId, ...params });
    const mark = body.status_type === "read" ? { readSeq: seq } : { deliveredSeq: seq };
    const [outcome] = await marker.mark([{ userId: actor.userId, conversationId, ...mark }]);
    if (!outcome || outcome instanceof ChatError) throw outcome;
    return { message_id: params.messageId, status_type: body.status_type };
  });
  userRoute(app, ctx, SEED_003_ROUTES.seed003AddReaction, async ({ actor, params, body }) => {
    await addReaction(ctx, { actorId: actor.userId, ...params, ...body });
    return { message_id: params.messageId, reaction_emoji: body.emoji };
  });
}
