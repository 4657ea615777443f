import type { Conversation, Member, Message, User } from "@confab/sdk";
import { listNames } from "../../format/names.ts";
import { systemText } from "../chat/system-text.ts";

type Named = Pick<Conversation, "kind" | "title" | "members">;

/** The other person of a direct conversation. */
export const peerOf = (
  conversation: Pick<Conversation, "kind" | "members">,
  meId: string,
): User | undefined =>
  conversation.kind === "direct"
    ? (conversation.members.find((member) => member.userId !== meId) ?? conversation.members[0])?.user
    : undefined;

/** A group by its title, else by its people; a direct conversation by the other person. */
export function conversationName(conversation: Named, meId: string): string {
  if (conversation.kind === "direct") return peerOf(conversation, meId)?.displayName ?? "Someone";
  if (conversation.title) return conversation.title;
  const others = conversation.members.filter((member) => member.userId !== meId);
  return listNames(others.map((member) => member.user.displayName)) || "Group";
}

export const memberName = (members: readonly Member[], userId: string): string | undefined =>
  members.find((member) => member.userId === userId)?.user.displayName;

const KIND_LABELS: Partial<Record<Message["kind"], string>> = {
  image: "Photo",
  file: "File",
  voice: "Voice message",
  code: "Code",
  sealed: "Encrypted message",
  custom: "Message",
};

type Summarised = Pick<Message, "kind" | "body" | "deletedAt">;

/** A message in one line: what it says, or what it is. */
export function summarise(message: Summarised): string {
  if (message.deletedAt) return "Message deleted";
  const label = KIND_LABELS[message.kind];
  if (message.kind === "sealed") return label ?? "";
  const text = message.body?.replaceAll(/\s+/gu, " ").trim();
  return text || label || "Message";
}

/** The second line of a conversation's row: "You: see you there", in a group "Ann: …". */
export function preview(
  conversation: Pick<Conversation, "kind" | "members"> & { lastMessage: Message | null },
  meId: string,
  /** For people who are no longer members. */
  nameOf = (userId: string): string => memberName(conversation.members, userId) ?? "Someone",
): string {
  const { lastMessage } = conversation;
  if (!lastMessage) return "No messages yet";
  if (lastMessage.kind === "system") {
    return systemText(lastMessage, (id) => (id === meId ? "You" : nameOf(id)));
  }
  const text = summarise(lastMessage);
  if (lastMessage.senderId === meId) return `You: ${text}`;
  if (conversation.kind === "direct") return text;
  const name = memberName(conversation.members, lastMessage.senderId);
  return name ? `${name.split(" ")[0]}: ${text}` : text;
}

/** "Ann is typing…"; in a direct conversation the name is plain to see. */
export function typingText(kind: Conversation["kind"], names: readonly string[]): string {
  if (names.length === 0) return "";
  if (kind === "direct") return "typing…";
  return names.length > 2
    ? "Several people are typing…"
    : `${listNames(names)} ${names.length === 1 ? "is" : "are"} typing…`;
}
