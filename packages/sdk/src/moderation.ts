import type {
  AuditEntry,
  Ban,
  BanTerms,
  Block,
  Report,
  ReportContent,
  ReportDecision,
  ReportState,
  ReportWithEvidence,
} from "@confab/contract";
import type { Http } from "./http.ts";

export interface ListPage<T> {
  items: T[];
  nextCursor: string | null;
}
export interface PageInput {
  cursor?: string;
  limit?: number;
}

/** Blocks, which anybody may make, and what admins and moderators do. Every refusal is a ChatError. */
export interface Moderation {
  /** Nothing passes between you two any more; they are not told. */
  block(userId: string): Promise<void>;
  /** What was said meanwhile stays unseen. */
  unblock(userId: string): Promise<void>;
  /** Whom you block. */
  blocks(page?: PageInput): Promise<ListPage<Block>>;
  /** Tells a group's moderators of a message, or the team's own of one in a direct conversation. */
  report(messageId: string, content: ReportContent): Promise<{ reportId: string }>;
  /** Takes a person out of a group and keeps them out, without `expiresAt` until it is lifted. */
  ban(conversationId: string, userId: string, terms?: BanTerms): Promise<Ban>;
  /** Lets them be added again. */
  unban(conversationId: string, userId: string): Promise<void>;
  /** Bans in force. */
  bans(conversationId: string, page?: PageInput): Promise<ListPage<Ban>>;
  /** A group's queue, oldest first; without `state` those that are open. */
  reports(conversationId: string, page?: PageInput & { state?: ReportState }): Promise<ListPage<Report>>;
  /** One report with the message and its neighbours as they were. */
  reportDetails(reportId: string): Promise<ReportWithEvidence>;
  /** Closes it, once. */
  handleReport(reportId: string, decision: ReportDecision): Promise<Report>;
  /** What moderators did in a group, newest first. */
  audit(conversationId: string, page?: PageInput): Promise<ListPage<AuditEntry>>;
}

export function createModeration(http: Http): Moderation {
  const group = (conversationId: string) => ({ params: { conversationId } });
  const member = (conversationId: string, userId: string) => ({ params: { conversationId, userId } });
  return {
    block: (userId) => http("blockUser", { params: { userId } }),
    unblock: (userId) => http("unblockUser", { params: { userId } }),
    blocks: (query = {}) => http("listBlocks", { query }),
    report: (messageId, body) => http("reportMessage", { params: { messageId }, body }),
    ban: (conversationId, userId, body = {}) =>
      http("banMember", { ...member(conversationId, userId), body }),
    unban: (conversationId, userId) => http("unbanMember", member(conversationId, userId)),
    bans: (conversationId, query = {}) => http("listBans", { ...group(conversationId), query }),
    reports: (conversationId, query = {}) => http("listReports", { ...group(conversationId), query }),
    reportDetails: (reportId) => http("getReport", { params: { reportId } }),
    handleReport: (reportId, body) => http("handleReport", { params: { reportId }, body }),
    audit: (conversationId, query = {}) => http("listAudit", { ...group(conversationId), query }),
  };
}
