import type { AuditAction, AuditEntry, ConversationId, UserId } from "@confab/contract";
import type { Prisma, Queries } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { requireMay } from "../conversations/permissions.ts";
import { descending, pageBy } from "./page.ts";

export interface Act {
  conversationId: ConversationId;
  actorId: UserId;
  action: AuditAction;
  subjectId: UserId | null;
  /** Never what somebody said. */
  details?: Prisma.InputJsonObject;
}

/** Writes down what a moderator does, in the transaction that does it: the one does not happen without the other. */
export async function writeAudit(tx: Queries, ctx: Pick<MessageContext, "clock">, act: Act): Promise<void> {
  const { conversationId, actorId, action, subjectId, details } = act;
  const createdAt = new Date(ctx.clock.now());
  await tx.$executeRaw`
    INSERT INTO audit_entries (conversation_id, actor_id, action, subject_id, details, created_at)
    VALUES (${BigInt(conversationId)}, ${actorId}, ${action}, ${subjectId}, ${JSON.stringify(details ?? {})}, ${createdAt})`;
}

/** Newest first. @throws ChatError `not_found`, `forbidden` */
export async function listAudit(
  ctx: MessageContext,
  input: { userId: UserId; conversationId: ConversationId; cursor?: string | undefined; limit: number },
): Promise<{ items: AuditEntry[]; nextCursor: string | null }> {
  requireMay(await requireMember(ctx.sql, input), "audit:read");
  const rows = await ctx.prisma.auditEntry.findMany({
    where: { conversationId: BigInt(input.conversationId), ...descending(input.cursor) },
    orderBy: { id: "desc" },
    take: input.limit + 1,
  });
  return pageBy(rows, input.limit, (row) => ({
    id: String(row.id),
    conversationId: String(row.conversationId),
    actorId: row.actorId,
    action: row.action as AuditAction,
    subjectId: row.subjectId,
    details: row.details as AuditEntry["details"],
    createdAt: row.createdAt.toISOString(),
  }));
}
