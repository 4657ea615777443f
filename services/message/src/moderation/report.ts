import { ChatError, type MessageId, type ReportContent, type UserId } from "@confab/contract";
import { isDuplicateKey, type Prisma } from "@confab/db";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { loadMessages } from "../messages/view.ts";
import { publishTo } from "../publish.ts";
import { gatherEvidence } from "./evidence.ts";

/** Of a group with more moderators, the others find it in the queue. */
const MAX_TOLD = 50;

/**
 * Reports a message, with what it and its neighbours say now: whatever becomes of them, moderators see this. A repeat
 * is the same report.
 * @throws ChatError `not_found`; `invalid` for one's own message, a system message and one that is deleted
 */
export async function reportMessage(
  ctx: MessageContext,
  { actorId, messageId, category, comment }: ReportContent & { actorId: UserId; messageId: MessageId },
): Promise<{ reportId: string }> {
  const message = (await loadMessages(ctx.sql, [messageId])).get(messageId);
  if (!message) throw new ChatError("not_found", { reason: "message" });
  const { conversationId, seq, senderId } = message;
  const { conversation } = await requireMember(ctx.sql, { userId: actorId, conversationId }, "message");
  const evidence = await gatherEvidence(ctx.sql, actorId, message);
  if (!evidence.some(({ id }) => id === messageId)) throw new ChatError("not_found", { reason: "message" });
  if (senderId === actorId) throw new ChatError("invalid", { reason: "yourself" });
  if (message.kind === "system") throw new ChatError("invalid", { reason: "system_message" });
  if (message.deletedAt) throw new ChatError("invalid", { reason: "message_deleted" });
  const key = { messageId: BigInt(messageId), reporterId: actorId };
  try {
    const { id } = await ctx.prisma.report.create({
      data: {
        ...key,
        conversationId: BigInt(conversationId),
        seq,
        subjectId: senderId,
        category,
        comment: comment ?? null,
        evidence: evidence as unknown as Prisma.InputJsonValue,
        createdAt: new Date(ctx.clock.now()),
      },
      select: { id: true },
    });
    const report = { conversationId, reportId: String(id) };
    if (conversation.kind === "group") await tellModerators(ctx, report, senderId);
    return { reportId: report.reportId };
  } catch (error) {
    if (!isDuplicateKey(error, "ux_reports_message")) throw error;
    const { id } = await ctx.prisma.report.findUniqueOrThrow({
      where: { messageId_reporterId: key },
      select: { id: true },
    });
    return { reportId: String(id) };
  }
}

/** Not the one whom it is about. The report is stored: what fails here is looked up in the queue. */
async function tellModerators(
  ctx: MessageContext,
  report: { conversationId: string; reportId: string },
  subjectId: UserId,
): Promise<void> {
  try {
    const rows = await ctx.prisma.conversationMember.findMany({
      where: {
        conversationId: BigInt(report.conversationId),
        leftAt: null,
        role: { in: ["admin", "moderator"] },
        userId: { not: subjectId },
      },
      select: { userId: true },
      take: MAX_TOLD,
    });
    for (const { userId } of rows) publishTo(ctx, userId, "report:created", report);
  } catch (error) {
    ctx.log.warn({ err: (error as Error).message, ...report }, "moderators could not be told of a report");
  }
}
