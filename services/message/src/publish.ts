/**
 * P1: what is said here is a hint about what is committed; it never fails the command that caused it. P4: every
 * event carries the revision, and an event that Redis does not take is followed by the head (fanout.ts).
 */
import type { EventName, EventPayload, Message, UpdatedMessage, UserId } from "@confab/contract";
import type { AnnouncedHead, Audience } from "@confab/runtime";
import type { MessageContext } from "./context.ts";
import { audienceOf, type ConversationHead } from "./messages/head.ts";

type Place = Pick<ConversationHead, "id" | "kind" | "directKey">;

/**
 * Says that a message is new, and leaves word for the settle pass that somebody may be behind. `unheardBy`: the other
 * person of a direct conversation, if they are not to hear of it.
 */
export function publishCreated(
  ctx: MessageContext,
  place: Place,
  message: Message,
  unheardBy: UserId | null = null,
): void {
  publish(ctx, without(audienceOf(place), unheardBy), "message:created", message, headOf(message));
  ctx.dirty.add(place.id);
  ctx.unindexed.add(place.id);
}

/**
 * For a message that was sent before, and whose sender did not get the answer: a head makes those ask who have not
 * heard of it, and says nothing to those who have.
 */
export function publishAgain(
  ctx: MessageContext,
  place: Place,
  message: Message,
  unheardBy: UserId | null,
): void {
  const head = headOf(message);
  const audience = without(audienceOf(place), unheardBy);
  publish(ctx, audience, "head", { revisions: { [place.id]: head.revision } }, head);
  ctx.dirty.add(place.id);
}

/** Says what a message is like now. `unheardBy`: as for `publishCreated`. */
export function publishUpdated(
  ctx: MessageContext,
  place: Place,
  message: UpdatedMessage,
  unheardBy: UserId | null = null,
): void {
  publish(ctx, without(audienceOf(place), unheardBy), "message:updated", message, headOf(message));
  ctx.unindexed.add(place.id);
}

const without = (audience: Audience, unheardBy: UserId | null): Audience =>
  audience.kind === "direct" && unheardBy !== null
    ? { kind: "direct", userIds: audience.userIds.filter((userId) => userId !== unheardBy) }
    : audience;

const headOf = ({ conversationId, revision }: Message): AnnouncedHead => ({ conversationId, revision });

/** After commit there is nothing left that may fail: a fault here is logged, and healed by sync. */
export function publish<N extends EventName>(
  ctx: MessageContext,
  audience: Audience,
  event: N,
  payload: EventPayload<N>,
  head?: AnnouncedHead,
): void {
  guarded(ctx, event, () => ctx.fanout.emit(audience, event, payload, head));
}

/** The same, to the devices of one person. */
export function publishTo<N extends EventName>(
  ctx: MessageContext,
  userId: UserId,
  event: N,
  payload: EventPayload<N>,
  head?: AnnouncedHead,
): void {
  guarded(ctx, event, () => ctx.fanout.emitToUser(userId, event, payload, head));
}

function guarded(ctx: MessageContext, event: EventName, emit: () => void): void {
  try {
    emit();
  } catch (error) {
    ctx.log.error({ err: error, event }, "an event could not be published");
  }
}
