import { z } from "zod";
import { Message, Timestamp, User, wellFormed } from "./entities.ts";
import { ConversationId, MessageId, Seq, UserId } from "./ids.ts";

/** Somebody whom the caller blocks. */
export const Block = z.object({ user: User, createdAt: Timestamp }).meta({ id: "Block" });
export type Block = z.infer<typeof Block>;

/** Keeps somebody out of a group until it expires or is lifted. */
export const Ban = z
  .object({
    userId: UserId,
    bannedBy: UserId,
    reason: z.string().nullable(),
    createdAt: Timestamp,
    expiresAt: Timestamp.nullable(),
  })
  .meta({ id: "Ban" });
export type Ban = z.infer<typeof Ban>;

export const BanTerms = z.strictObject({
  reason: wellFormed(z.string().trim().min(1).max(500)).nullish(),
  /** Absent: until it is lifted. */
  expiresAt: z.iso.datetime({ offset: true }).nullish(),
});
export type BanTerms = z.infer<typeof BanTerms>;

export const ReportId = z
  .string()
  .regex(/^[1-9][0-9]{0,15}$/)
  .meta({ description: "Report id, decimal digits" });
export const ReportCategory = z.enum(["spam", "harassment", "violence", "sexual", "illegal", "other"]);
export type ReportCategory = z.infer<typeof ReportCategory>;
export const ReportState = z.enum(["open", "resolved", "dismissed"]);
export type ReportState = z.infer<typeof ReportState>;

const Remark = wellFormed(z.string().trim().min(1).max(1000));
export const ReportContent = z.strictObject({ category: ReportCategory, comment: Remark.nullish() });
export type ReportContent = z.infer<typeof ReportContent>;
export const ReportDecision = z.strictObject({
  state: ReportState.exclude(["open"]),
  note: Remark.nullish(),
});
export type ReportDecision = z.infer<typeof ReportDecision>;

/** A report as moderators see it in their queue. */
export const Report = z
  .object({
    id: ReportId,
    conversationId: ConversationId,
    messageId: MessageId,
    seq: Seq,
    reporterId: UserId,
    subjectId: UserId.meta({ description: "Who wrote the message" }),
    category: ReportCategory,
    comment: z.string().nullable(),
    state: ReportState,
    createdAt: Timestamp,
    handledBy: UserId.nullable(),
    handledAt: Timestamp.nullable(),
    note: z.string().nullable(),
  })
  .meta({ id: "Report" });
export type Report = z.infer<typeof Report>;

/** `evidence`: the message and up to five on either side, as the reporter saw them. */
export const ReportWithEvidence = Report.extend({ evidence: z.array(Message) }).meta({
  id: "ReportWithEvidence",
});
export type ReportWithEvidence = z.infer<typeof ReportWithEvidence>;

export const AuditAction = z.enum([
  "member_removed",
  "member_banned",
  "ban_lifted",
  "role_changed",
  "settings_changed",
  "message_deleted",
  "report_handled",
]);
export type AuditAction = z.infer<typeof AuditAction>;

/** What a moderator did, and to whom. */
export const AuditEntry = z
  .object({
    id: z.string(),
    conversationId: ConversationId,
    actorId: UserId,
    action: AuditAction,
    subjectId: UserId.nullable(),
    details: z.record(z.string(), z.unknown()),
    createdAt: Timestamp,
  })
  .meta({ id: "AuditEntry" });
export type AuditEntry = z.infer<typeof AuditEntry>;

const Nothing = z.object({});
const UserRef = z.strictObject({ userId: UserId });
const MemberRef = UserRef.extend({ conversationId: ConversationId });

/** Each is the twin of a REST route. */
export const MODERATION_COMMANDS = {
  "user:block": {
    about: "Block a person: nothing passes between you two any more, and they are not told.",
    payload: UserRef,
    ack: Nothing,
    limit: "change",
  },
  "user:unblock": {
    about: "Block a person no longer; what they wrote meanwhile stays unseen.",
    payload: UserRef,
    ack: Nothing,
    limit: "change",
  },
  "member:ban": {
    about: "Take a person out of a group, and keep them out (admins and moderators).",
    payload: MemberRef.extend(BanTerms.shape),
    ack: z.object({ ban: Ban }),
    limit: "change",
  },
  "member:unban": {
    about: "Lift a ban (admins and moderators).",
    payload: MemberRef,
    ack: Nothing,
    limit: "change",
  },
  "message:report": {
    about: "Report a message to the moderators; a repeat is the same report.",
    payload: ReportContent.extend({ messageId: MessageId }),
    ack: z.object({ reportId: ReportId }),
    limit: "change",
  },
  "report:handle": {
    about: "Close a report (admins and moderators, of what others wrote).",
    payload: ReportDecision.extend({ reportId: ReportId }),
    ack: z.object({ report: Report }),
    limit: "change",
  },
} as const;

export const MODERATION_EVENTS = {
  "block:changed": {
    about: "On another device of yours, a person was blocked, or is no longer.",
    payload: z.object({ userId: UserId, blocked: z.boolean() }),
  },
  "report:created": {
    about: "A message was reported in a group that you moderate.",
    payload: z.object({ conversationId: ConversationId, reportId: ReportId }),
  },
} as const;
