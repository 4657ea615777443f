import { ChatError, type ConversationId, type UserId } from "@confab/contract";
import { Batcher, withDeadline } from "@confab/runtime";
import type { MessageContext } from "../context.ts";
import { ensureDirect } from "../conversations/create.ts";
import { asChatError } from "../faults.ts";
import { publishAgain, publishCreated, publishUpdated } from "../publish.ts";
import type { SendItem } from "./plan.ts";
import { type SendOutcome, storeBatch } from "./send.ts";

/** A send as it comes in, by whichever door; `to` names a person and means the direct conversation with them. */
export interface SendRequest extends Omit<SendItem, "conversationId"> {
  conversationId?: ConversationId | null | undefined;
  to?: UserId | null | undefined;
}

export interface Sender {
  /** One outcome for each request, in their order, within 3 s. Never rejects. */
  send(requests: SendRequest[]): Promise<SendOutcome[]>;
}

/** From a request's arrival to its answer, whatever the database does (P10). */
const SEND_DEADLINE_MS = 3000;
/** Who waited this long for a turn is told to come back: what is left would not do for a slow transaction. */
const MAX_WAIT_MS = 1500;
const MAX_BATCH_ITEMS = 64;
const MAX_WAITING_ITEMS = 5000;

interface Waiting {
  item: SendItem;
  arrivedAtMs: number;
}

/**
 * The one door through which messages are sent: socket, REST and publish meet here. Each lane stores one batch at
 * a time, made of whatever has collected meanwhile; a conversation keeps to one lane, so order of arrival is order
 * of seq, and what is published is published in that order.
 */
export function createSender(ctx: MessageContext): Sender {
  const sizes = ctx.metrics.histogram(
    "chat_message_batch_items",
    "Messages that one transaction stored or refused",
    [],
    [1, 2, 4, 8, 16, 32, 64],
  );
  const sends = ctx.metrics.counter("chat_message_sends_total", "Sends by outcome", ["outcome"]);
  const lanes = Array.from(
    { length: ctx.config.sendLanes },
    () =>
      new Batcher<Waiting, SendOutcome>({
        maxItems: MAX_BATCH_ITEMS,
        maxWaiting: MAX_WAITING_ITEMS,
        run: (waiting) => runBatch(ctx, waiting),
      }),
  );
  const laneOf = (id: ConversationId) => lanes[Number(id) % lanes.length] as (typeof lanes)[number];
  ctx.metrics.gauge("chat_message_waiting_items", "Sends that wait for their lane", [], () =>
    lanes.reduce((sum, lane) => sum + lane.waiting, 0),
  );

  async function runBatch(context: MessageContext, waiting: Waiting[]): Promise<SendOutcome[]> {
    const nowMs = performance.now();
    const isLate = ({ arrivedAtMs }: Waiting) => nowMs - arrivedAtMs > MAX_WAIT_MS;
    const inTime = waiting.filter((entry) => !isLate(entry));
    sizes.observe(inTime.length);
    const outcomes = (await storeAndPublish(context, inTime, nowMs)).values();
    return waiting.map((entry) =>
      isLate(entry)
        ? new ChatError("unavailable", { reason: "overloaded", retryAfterMs: 1000 })
        : (outcomes.next().value as SendOutcome),
    );
  }

  return {
    async send(requests) {
      const arrivedAtMs = performance.now();
      // All destinations are known before the first item takes its place, so the items keep their order.
      const destinations = await resolveDestinations(ctx, requests);
      const outcomes = await Promise.all(
        requests.map((request, index) => {
          const conversationId = destinations[index] as ConversationId | ChatError;
          if (conversationId instanceof ChatError) return conversationId;
          const item = { ...request, conversationId };
          return laneOf(conversationId).add({ item, arrivedAtMs }).catch(asChatError);
        }),
      );
      for (const outcome of outcomes) sends.inc({ outcome: labelOf(outcome) });
      return outcomes;
    },
  };
}

const labelOf = (outcome: SendOutcome): string =>
  outcome instanceof ChatError ? outcome.code : outcome.duplicate ? "duplicate" : "stored";

async function storeAndPublish(
  ctx: MessageContext,
  waiting: Waiting[],
  nowMs: number,
): Promise<SendOutcome[]> {
  if (waiting.length === 0) return [];
  const oldestMs = Math.min(...waiting.map((entry) => entry.arrivedAtMs));
  const deadlineMs = SEND_DEADLINE_MS - (nowMs - oldestMs);
  const items = waiting.map((entry) => entry.item);
  // Publishing is part of the work, not of the wait: a commit that comes too late for its senders is still told.
  const work = storeBatch(ctx, items).then(({ outcomes, created, repeated, updated }) => {
    for (const { head, message, unheardBy } of created) publishCreated(ctx, head, message, unheardBy);
    for (const { head, message, unheardBy } of updated) publishUpdated(ctx, head, message, unheardBy);
    for (const { head, message, unheardBy } of repeated) publishAgain(ctx, head, message, unheardBy);
    return outcomes;
  });
  try {
    return await withDeadline(work, deadlineMs, "send");
  } catch (error) {
    const fault = asChatError(error);
    if (fault.code === "internal") ctx.log.error({ err: error }, "a batch of messages failed");
    return items.map(() => fault);
  }
}

/** The conversation of every request, or why there is none. Each direct conversation is looked up once. */
async function resolveDestinations(
  ctx: MessageContext,
  requests: SendRequest[],
): Promise<(ConversationId | ChatError)[]> {
  const directs = new Map<string, Promise<ConversationId | ChatError>>();
  const open = (senderId: UserId, to: UserId): Promise<ConversationId | ChatError> => {
    const key = `${senderId} ${to}`;
    const known = directs.get(key);
    if (known) return known;
    const opening = withDeadline(ensureDirect(ctx, senderId, to), SEND_DEADLINE_MS, "send").catch(
      asChatError,
    );
    directs.set(key, opening);
    return opening;
  };
  return Promise.all(
    requests.map(({ senderId, conversationId, to }) => conversationId ?? open(senderId, to as UserId)),
  );
}
