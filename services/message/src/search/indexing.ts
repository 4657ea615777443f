import type { ConversationId } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import { repeat } from "../repeat.ts";
import { CONVERSATIONS_PER_CALL, findUnindexed, indexConversations } from "./indexer.ts";

/** What a process that ended had not indexed yet is found by the next that starts, or by any within the hour. */
const SWEEP_EVERY_MS = 60 * 60_000;

/** Keeps `message_terms` close behind the log until the service stops; whoever sends waits for none of it. */
export function startIndexing(ctx: MessageContext): void {
  const indexed = ctx.metrics.counter(
    "chat_message_indexed_total",
    "Changes of messages that search took in",
  );
  const failures = ctx.metrics.counter(
    "chat_message_index_failures_total",
    "Conversations that could not be indexed, and are tried again",
  );

  /** A batch failed that they were in: each of them is tried alone until it succeeds, so that one holds up no other. */
  const suspects = new Set<ConversationId>();

  async function index(conversationIds: ConversationId[]): Promise<boolean> {
    for (const id of conversationIds) ctx.unindexed.delete(id);
    try {
      indexed.inc(await indexConversations(ctx, conversationIds));
      for (const id of conversationIds) suspects.delete(id);
      return true;
    } catch (error) {
      failures.inc(conversationIds.length);
      for (const id of conversationIds) {
        ctx.unindexed.add(id);
        suspects.add(id);
      }
      const [conversationId] = conversationIds;
      ctx.log.warn(
        { err: (error as Error).message, conversationId, conversations: conversationIds.length },
        "conversations could not be indexed",
      );
      return false;
    }
  }

  function batchesOf(conversationIds: ConversationId[]): ConversationId[][] {
    const together = conversationIds.filter((id) => !suspects.has(id));
    const alone = conversationIds.filter((id) => suspects.has(id));
    const batches = Array.from({ length: Math.ceil(together.length / CONVERSATIONS_PER_CALL) }, (_, index) =>
      together.slice(index * CONVERSATIONS_PER_CALL, (index + 1) * CONVERSATIONS_PER_CALL),
    );
    return [...batches, ...alone.map((id) => [id])];
  }

  /** The first failure ends the round: a database that is away is away for the others, too. */
  const following = repeat(ctx, {
    name: "the search index",
    pauseMs: () => ctx.config.indexMs,
    work: async () => {
      for (const batch of batchesOf([...ctx.unindexed])) {
        if (ctx.lifecycle.stopping || !(await index(batch))) return;
      }
    },
  });
  /** What fails here has become the other's, which tries it again. */
  const sweeping = repeat(ctx, {
    name: "the search index",
    pauseMs: (round) => (round === 0 ? 0 : SWEEP_EVERY_MS * (0.75 + ctx.random() / 2)),
    work: async () => {
      for await (const found of findUnindexed(ctx)) {
        for (const batch of batchesOf(found)) {
          if (ctx.lifecycle.stopping) return;
          await index(batch);
        }
      }
    },
  });
  ctx.lifecycle.onStop("drain", "search index", async () => {
    await Promise.all([following.stop(), sweeping.stop()]);
  });
}
