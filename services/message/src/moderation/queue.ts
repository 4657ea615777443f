/**
 * P9: a group's reports are for its admins and moderators, but not for whom they are about; to outsiders there is no
 * such report. Those of direct conversations, and all others, are for services with the scope `moderation`.
 */
import {
  ChatError,
  type ConversationId,
  type Message,
  type Report,
  type ReportDecision,
  type ReportState,
  type ReportWithEvidence,
  type UserId,
} from "@confab/contract";
import { type ModelTransaction, type PrismaClient, withModels } from "@confab/db";
import type { ServiceActor } from "../auth.ts";
import type { MessageContext } from "../context.ts";
import { requireMember } from "../conversations/access.ts";
import { requireMay } from "../conversations/permissions.ts";
import { writeAudit } from "./audit.ts";
import { ascending, pageBy } from "./page.ts";

/** Who asks: a member of the group, or a service that may see all. */
export type Moderator = { userId: UserId } | ServiceActor;
const isService = (moderator: Moderator): moderator is ServiceActor => "kind" in moderator;

interface QueueInput {
  state: ReportState;
  cursor?: string | undefined;
  limit: number;
}
interface StoredReport {
  id: bigint;
  conversationId: bigint;
  messageId: bigint;
  seq: number;
  reporterId: string;
  subjectId: string;
  category: Report["category"];
  comment: string | null;
  state: ReportState;
  createdAt: Date;
  handledBy: string | null;
  handledAt: Date | null;
  note: string | null;
}

/** A queue is read without the evidence, which may be large. */
const omit = { evidence: true } as const;
const toReport = (row: StoredReport): Report => ({
  id: String(row.id),
  conversationId: String(row.conversationId),
  messageId: String(row.messageId),
  seq: row.seq,
  reporterId: row.reporterId,
  subjectId: row.subjectId,
  category: row.category,
  comment: row.comment,
  state: row.state,
  createdAt: row.createdAt.toISOString(),
  handledBy: row.handledBy,
  handledAt: row.handledAt?.toISOString() ?? null,
  note: row.note,
});

/** A group's reports, oldest first, but for those about the viewer. @throws ChatError `not_found`, `forbidden` */
export async function listReports(
  ctx: MessageContext,
  input: QueueInput & { userId: UserId; conversationId: ConversationId },
): Promise<{ items: Report[]; nextCursor: string | null }> {
  requireMay(await requireMember(ctx.sql, input), "report:handle");
  const { userId, conversationId } = input;
  return readQueue(ctx, input, { conversationId: BigInt(conversationId), subjectId: { not: userId } });
}

/** Reports of all conversations. @throws ChatError `forbidden`, reason `scope` */
export function listAllReports(ctx: MessageContext, actor: ServiceActor, input: QueueInput) {
  requireScope(actor);
  return readQueue(ctx, input, {});
}

async function readQueue(
  ctx: MessageContext,
  { state, cursor, limit }: QueueInput,
  where: { conversationId?: bigint; subjectId?: { not: string } },
): Promise<{ items: Report[]; nextCursor: string | null }> {
  const rows = await ctx.prisma.report.findMany({
    where: { ...where, state, ...ascending(cursor) },
    orderBy: { id: "asc" },
    take: limit + 1,
    omit,
  });
  return pageBy(rows, limit, toReport);
}

/** @throws ChatError `not_found`, `forbidden` */
export async function getReport(
  ctx: MessageContext,
  moderator: Moderator,
  reportId: string,
): Promise<ReportWithEvidence> {
  await requireReport(ctx.prisma, moderator, reportId);
  const row = await ctx.prisma.report.findUniqueOrThrow({ where: { id: BigInt(reportId) } });
  return { ...toReport(row), evidence: row.evidence as unknown as Message[] };
}

/**
 * Closes a report; a repeat of the same decision changes nothing.
 * @throws ChatError `not_found`, `forbidden`; `conflict`, reason `report_handled`, when it was decided otherwise
 */
export function handleReport(
  ctx: MessageContext,
  moderator: Moderator,
  { reportId, state, note }: ReportDecision & { reportId: string },
): Promise<Report> {
  return withModels(
    ctx.prisma,
    async (tx) => {
      await tx.$queryRaw`SELECT id FROM reports WHERE id = ${BigInt(reportId)} FOR UPDATE`;
      const report = await requireReport(tx, moderator, reportId);
      if (report.state === state) return toReport(report);
      if (report.state !== "open") throw new ChatError("conflict", { reason: "report_handled" });
      const decision = {
        state,
        note: note ?? null,
        handledBy: moderator.userId,
        handledAt: new Date(ctx.clock.now()),
      };
      await tx.report.update({ where: { id: report.id }, data: decision });
      await writeAudit(tx, ctx, {
        conversationId: String(report.conversationId),
        actorId: moderator.userId,
        action: "report_handled",
        subjectId: report.subjectId,
        details: { reportId, state, messageId: String(report.messageId) },
      });
      return toReport({ ...report, ...decision });
    },
    { random: ctx.random },
  );
}

async function requireReport(
  db: PrismaClient | ModelTransaction,
  moderator: Moderator,
  reportId: string,
): Promise<StoredReport> {
  if (isService(moderator)) requireScope(moderator);
  const missing = new ChatError("not_found", { reason: "report" });
  const report = await db.report.findUnique({ where: { id: BigInt(reportId) }, omit });
  if (!report) throw missing;
  if (isService(moderator)) return report;
  const { userId } = moderator;
  const conversationId = String(report.conversationId);
  const access = await requireMember(db, { userId, conversationId }, "report");
  requireMay(access, "report:handle");
  if (report.subjectId === userId) throw missing;
  return report;
}

function requireScope(actor: ServiceActor): void {
  if (!actor.scopes.moderation) throw new ChatError("forbidden", { reason: "scope" });
}
