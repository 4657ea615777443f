import type { AuditAction, ReportCategory, ReportState } from "@confab/contract";

export const CATEGORY_LABELS: Record<ReportCategory, string> = {
  spam: "Spam",
  harassment: "Harassment",
  violence: "Violence",
  sexual: "Sexual content",
  illegal: "Something illegal",
  other: "Something else",
};

export const STATE_LABELS: Record<ReportState, string> = {
  open: "Open",
  resolved: "Resolved",
  dismissed: "Dismissed",
};

export const ACTION_LABELS: Record<AuditAction, string> = {
  member_removed: "removed",
  member_banned: "banned",
  ban_lifted: "lifted the ban of",
  role_changed: "changed the role of",
  settings_changed: "changed the settings",
  message_deleted: "deleted a message of",
  report_handled: "closed a report about",
};
