import type { Role } from "@confab/contract";
import type { Conversation, Member } from "@confab/sdk";

type Place = Pick<Conversation, "kind" | "members">;

/** What is offered to whom. The server decides: this only leaves out what it would refuse. */
export const roleOf = (place: Place | null, userId: string): Role | null =>
  place?.kind === "group" ? (place.members.find((member) => member.userId === userId)?.role ?? null) : null;

export const isModerator = (role: Role | null): boolean => role === "admin" || role === "moderator";

/** Taking somebody out or banning them: moderators may do it to members, admins to moderators, too. */
export const mayRemove = (role: Role | null, other: Role): boolean =>
  (role === "admin" && other !== "admin") || (role === "moderator" && other === "member");

export const maySend = (details: Conversation | null, userId: string): boolean =>
  !details?.settings.announcement || isModerator(roleOf(details, userId));

/** Seconds between two messages, for those whom slow mode slows down; else 0. */
export const pauseFor = (details: Conversation | null, userId: string): number =>
  details?.kind === "group" && !isModerator(roleOf(details, userId)) ? details.settings.slowModeSeconds : 0;

/** A group is not left without an admin: those who could take over, if the one who leaves is the last. */
export function heirs(details: Conversation, userId: string): Member[] {
  const admins = details.members.filter((member) => member.role === "admin");
  if (admins.length !== 1 || admins[0]?.userId !== userId) return [];
  return details.members.filter((member) => member.userId !== userId && member.user.kind === "human");
}
