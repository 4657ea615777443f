/** P2, P9: a service publishes through the same door as people; its token's scopes say where, what and for whom. */
import { randomUUID } from "node:crypto";
import { ChatError, type PublishItem, type PublishResult } from "@confab/contract";
import type { PublishScope, ServiceActor } from "../auth.ts";
import { deriveUuid } from "./dedupe.ts";
import type { SendOutcome } from "./send.ts";
import type { Sender, SendRequest } from "./sender.ts";

interface PublishInput {
  actor: ServiceActor;
  items: PublishItem[];
  /** With an item's index the key of those that bring none. */
  idempotencyKey: string | undefined;
}

/**
 * Publishes items in their order; a refused one does not touch the others.
 * @throws ChatError `forbidden`, reason `scope`, when the token may not publish at all
 */
export async function publishItems(sender: Sender, input: PublishInput): Promise<PublishResult[]> {
  const scope = input.actor.scopes.publish;
  if (!scope) throw new ChatError("forbidden", { reason: "scope" });
  const refusals = input.items.map((item) => refusal(item, input.actor, scope));
  const permitted = input.items.flatMap((item, index) =>
    refusals[index] ? [] : toRequest(item, index, input),
  );
  const outcomes = (await sender.send(permitted)).values();
  return refusals.map((error) => toResult(error ?? (outcomes.next().value as SendOutcome)));
}

function refusal(item: PublishItem, actor: ServiceActor, scope: PublishScope): ChatError | undefined {
  const forbidden = (reason: string) => new ChatError("forbidden", { reason });
  if (!allows(scope.kinds, item.kind)) return forbidden("scope_kind");
  // Which conversation a person's name leads to is not known here, so only a token for all of them may use one.
  if (!allows(scope.conversations, item.conversationId ?? "*")) return forbidden("scope_conversation");
  if (!isOnBehalf(item, actor)) return undefined;
  if (!scope.onBehalfOf) return forbidden("scope_on_behalf_of");
  // People do not write system messages, whoever speaks for them.
  return item.kind === "system" ? forbidden("system_sender") : undefined;
}

const allows = (allowed: string[], value: string): boolean =>
  allowed.includes("*") || allowed.includes(value);

const isOnBehalf = (item: PublishItem, actor: ServiceActor): boolean =>
  item.senderId != null && item.senderId !== actor.userId;

function toRequest(item: PublishItem, index: number, { actor, idempotencyKey }: PublishInput): SendRequest {
  const derived = idempotencyKey && deriveUuid("publish", actor.userId, idempotencyKey, String(index));
  return {
    senderId: item.senderId ?? actor.userId,
    authority: isOnBehalf(item, actor) ? "member" : "service",
    conversationId: item.conversationId,
    to: item.to,
    message: {
      clientMessageId: item.clientMessageId ?? (derived || randomUUID()),
      kind: item.kind,
      body: item.body,
      metadata: item.metadata,
      schemaId: item.schemaId,
      replyToId: item.replyToId,
      threadRootId: item.threadRootId,
    },
  };
}

function toResult(outcome: SendOutcome): PublishResult {
  if (outcome instanceof ChatError) return { error: outcome.toWire() };
  const { message, duplicate } = outcome;
  return { messageId: message.id, conversationId: message.conversationId, seq: message.seq, duplicate };
}
