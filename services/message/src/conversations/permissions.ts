/**
 * P9: what each role may do, in one table; `permissions.test.ts` repeats it cell by cell. Who is not in a
 * conversation has no column: to them it does not exist (`not_found`). What has no row takes no more than being a
 * member: to read, to send, to change and delete what is one's own, to react, pin, mark and report.
 */
import { ChatError, type Role } from "@confab/contract";
import type { Access } from "./access.ts";

/** A member's standing: their role in a group, or one of the two people of a direct conversation. */
export type Standing = Role | "peer";
type Row = Record<Standing, boolean>;

const inGroups: Row = { admin: true, moderator: true, member: true, peer: false };
const moderators: Row = { admin: true, moderator: true, member: false, peer: false };
const admins: Row = { admin: true, moderator: false, member: false, peer: false };
const nobody: Row = { admin: false, moderator: false, member: false, peer: false };

export const PERMISSIONS = {
  /** In an announcement group. */
  "announcement:send": moderators,
  /** Without the pause of slow mode. */
  "message:send_at_once": { ...moderators, peer: true },
  "message:delete_other": moderators,
  /** What a message said before it was edited. */
  "edits:read": moderators,
  "profile:change": moderators,
  "slow_mode:change": moderators,
  "announcement:change": admins,
  "member:add": moderators,
  "member:leave": inGroups,
  "role:change": admins,
  /** Taking somebody out, for now or by a ban, depends on what they are. */
  "remove:member": moderators,
  "remove:moderator": admins,
  "remove:admin": nobody,
  "ban:list": moderators,
  "ban:lift": moderators,
  "report:handle": moderators,
  "audit:read": moderators,
} as const satisfies Record<string, Row>;
export type Action = keyof typeof PERMISSIONS;

export const standingOf = ({ conversation, member }: PlaceOf): Standing =>
  conversation.kind === "direct" ? "peer" : member.role;
interface PlaceOf {
  conversation: Pick<Access["conversation"], "kind">;
  member: Pick<Access["member"], "role">;
}

export const may = (place: PlaceOf, action: Action): boolean => PERMISSIONS[action][standingOf(place)];

/** @throws ChatError `forbidden`, reason `role` */
export function requireMay(place: PlaceOf, action: Action): void {
  if (!may(place, action)) throw new ChatError("forbidden", { reason: "role" });
}
