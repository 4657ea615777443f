/** Drafts follow a person over their devices. Nothing that was typed is overwritten unseen: see `baseRevision`. */
import { ChatError, type Draft, type SetDraft, type UserId } from "@confab/contract";
import { type Queries, withTransaction } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { requireMessage } from "../messages/find.ts";
import { publishTo } from "../publish.ts";
import { nextPersonalRevision } from "./revision.ts";

export interface DraftRecord {
  conversation_id: bigint;
  thread_root_id: bigint;
  revision: bigint | number;
  body: string;
  reply_to_id: bigint | null;
  updated_at: Date;
}

export const toDraft = (record: DraftRecord): Draft => ({
  conversationId: String(record.conversation_id),
  threadRootId: Number(record.thread_root_id) === 0 ? null : String(record.thread_root_id),
  revision: Number(record.revision),
  body: record.body,
  replyToId: record.reply_to_id === null ? null : String(record.reply_to_id),
  updatedAt: record.updated_at.toISOString(),
});

/**
 * Keeps what somebody has typed; empty clears it. A repeat changes nothing.
 * @throws ChatError `not_found` (conversation); `invalid`, reason `thread_root`; `forbidden`, reason `sealed_only`, where
 * the server is not to read anything; `conflict`, reason `draft_changed`, when another device has written since
 * `baseRevision`
 */
export async function setDraft(ctx: MessageContext, input: SetDraft & { userId: UserId }): Promise<Draft> {
  await requirePlace(ctx, input);
  const { draft, changed } = await withTransaction(ctx.sql, (tx) => writeDraft(tx, ctx, input), {
    random: ctx.random,
  });
  if (changed) publishTo(ctx, input.userId, "draft:updated", { draft });
  return draft;
}

async function requirePlace(ctx: MessageContext, input: SetDraft & { userId: UserId }): Promise<void> {
  const { userId, conversationId, threadRootId } = input;
  const { conversation } = await requireMember(ctx.sql, { userId, conversationId });
  if (conversation.encrypted) throw new ChatError("forbidden", { reason: "sealed_only" });
  if (threadRootId == null) return;
  const root = await requireMessage(ctx, { userId, messageId: threadRootId });
  if (root.conversationId !== conversationId || root.threadRootId !== null) {
    throw new ChatError("invalid", { reason: "thread_root" });
  }
}

async function writeDraft(
  tx: Queries,
  ctx: MessageContext,
  { userId, conversationId, threadRootId, body, replyToId, baseRevision }: SetDraft & { userId: UserId },
): Promise<{ draft: Draft; changed: boolean }> {
  // Two devices that begin at once are made to come one after the other.
  await tx.$queryRaw`SELECT id FROM users WHERE id = ${userId} FOR UPDATE`;
  const key = { conversation_id: BigInt(conversationId), thread_root_id: BigInt(threadRootId ?? 0) };
  const [held] = await tx.$queryRaw<DraftRecord[]>`
    SELECT conversation_id, thread_root_id, revision, body, reply_to_id, updated_at FROM drafts
    WHERE user_id = ${userId} AND conversation_id = ${key.conversation_id}
      AND thread_root_id = ${key.thread_root_id}`;
  const now = new Date(ctx.clock.now());
  const reply_to_id = replyToId == null || body === "" ? null : BigInt(replyToId);
  const isSame = (held?.body ?? "") === body && (held?.reply_to_id ?? null) === reply_to_id;
  if (isSame) {
    return {
      draft: toDraft(held ?? { ...key, revision: 0, body, reply_to_id, updated_at: now }),
      changed: false,
    };
  }
  if (held && held.body !== "" && baseRevision !== undefined && Number(held.revision) > baseRevision) {
    throw new ChatError("conflict", { reason: "draft_changed" });
  }
  const revision = await nextPersonalRevision(tx, userId);
  await tx.$executeRaw`
    INSERT INTO drafts (user_id, conversation_id, thread_root_id, body, reply_to_id, revision, updated_at)
    VALUES (${userId}, ${key.conversation_id}, ${key.thread_root_id}, ${body}, ${reply_to_id}, ${revision}, ${now})
    ON DUPLICATE KEY UPDATE body = ${body}, reply_to_id = ${reply_to_id}, revision = ${revision}, updated_at = ${now}`;
  return { draft: toDraft({ ...key, revision, body, reply_to_id, updated_at: now }), changed: true };
}
