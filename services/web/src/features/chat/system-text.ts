import type { Message } from "@confab/sdk";
import { listNames } from "../../format/names.ts";

type SystemMessage = Pick<Message, "senderId" | "body" | "metadata">;

/** Whom a system message speaks of: who did it first. */
export function peopleIn({ senderId, metadata }: Pick<SystemMessage, "senderId" | "metadata">): string[] {
  const { userId, userIds } = metadata ?? {};
  const others = [userId, ...(Array.isArray(userIds) ? userIds : [])];
  return [...new Set([senderId, ...others.filter((id) => typeof id === "string")])];
}

const ROLE_WORDS: Record<string, string> = {
  admin: "an admin",
  moderator: "a moderator",
  member: "a member",
};

function settingsText({ announcement, slowModeSeconds }: Record<string, unknown>): string {
  const slow = slowModeSeconds === 0 ? "turned slow mode off" : `set slow mode to ${slowModeSeconds} s`;
  const said = [
    announcement === true ? "let only admins and moderators write" : "",
    announcement === false ? "let everybody write" : "",
    typeof slowModeSeconds === "number" ? slow : "",
  ].filter(Boolean);
  return said.join(" and ") || "changed the settings";
}

/** "Ann added Bob and Cy", by the event that the message service wrote; its own sentence if the event is new to us. */
export function systemText(message: SystemMessage, nameOf: (userId: string) => string): string {
  const [actorId = "", ...others] = peopleIn(message);
  const actor = nameOf(actorId);
  const objects = listNames(
    others.map((id) => (nameOf(id) === "You" ? "you" : nameOf(id))),
    3,
  );
  const title = String(message.metadata?.title ?? "");
  switch (message.metadata?.event) {
    case "conversation_created":
      return `${actor} created the group “${title}”`;
    case "title_changed":
      return `${actor} renamed the group to “${title}”`;
    case "members_added":
      return others.length === 0 ? `${actor} joined` : `${actor} added ${objects}`;
    case "member_removed":
      return `${actor} removed ${objects}`;
    case "member_banned":
      return `${actor} banned ${objects}`;
    case "role_changed":
      return `${actor} made ${objects} ${ROLE_WORDS[String(message.metadata.role)] ?? "something new"}`;
    case "avatar_changed":
      return `${actor} changed the group's picture`;
    case "settings_changed":
      return `${actor} ${settingsText(message.metadata)}`;
    case "member_left":
      return `${actor} left`;
    default:
      return message.body ?? "Something changed";
  }
}
