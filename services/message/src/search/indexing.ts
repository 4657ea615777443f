import type { ConversationId } from "@confab/contract";
import type { MessageContext } from "../context.ts";
import { repeat } from "../repeat.ts";
import { findUnindexed, indexConversation } from "./indexer.ts";

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

  async function index(conversationId: ConversationId): Promise<boolean> {
    try {
      indexed.inc(await indexConversation(ctx, conversationId));
      return true;
    } catch (error) {
      failures.inc();
      ctx.unindexed.add(conversationId);
      ctx.log.warn({ err: (error as Error).message, conversationId }, "a conversation could not be indexed");
      return false;
    }
  }

  /** The first failure ends the round: a database that is away is away for the others, too. */
  const following = repeat(ctx, {
    name: "the search index",
    pauseMs: () => ctx.config.indexMs,
    work: async () => {
      for (const conversationId of [...ctx.unindexed]) {
        ctx.unindexed.delete(conversationId);
        if (ctx.lifecycle.stopping || !(await index(conversationId))) return;
      }
    },
  });
  const sweeping = repeat(ctx, {
    name: "the search index",
    pauseMs: (round) => (round === 0 ? 0 : SWEEP_EVERY_MS * (0.75 + ctx.random() / 2)),
    work: async () => {
      for await (const conversationId of findUnindexed(ctx)) {
        if (ctx.lifecycle.stopping || !(await index(conversationId))) return;
      }
    },
  });
  ctx.lifecycle.onStop("drain", "search index", async () => {
    await Promise.all([following.stop(), sweeping.stop()]);
  });
}
