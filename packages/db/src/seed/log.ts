/** P3, P4: a conversation's log as the message service would have left it. */
import { createHash } from "node:crypto";
import { type Line, mix } from "./dialogue.ts";

export interface DemoMessage {
  seq: number;
  senderId: string;
  dedupe: Buffer;
  kind: "text" | "system";
  body: string | null;
  metadata: object | null;
  mentions: string[] | null;
  /** Index in the log of the message that it answers. */
  replyTo: number | null;
  revision: number;
  createdAt: Date;
  editedAt: Date | null;
  deletedAt: Date | null;
  pinnedAt: Date | null;
  reactions: Array<{ emoji: string; userId: string }>;
}

export interface DemoLog {
  messages: DemoMessage[];
  /** One for being made, one for each message, one for each later change. */
  revision: number;
  lastMessageAt: Date;
}

export interface LogInput {
  conversationId: number;
  startsAt: Date;
  memberIds: string[];
  /** What a group's system message tells. */
  opening?: { creatorId: string; title: string };
  lines: Line[];
  /** Told with `@` in the last line but one. */
  mention?: { id: string; name: string };
}

const EMOJIS = ["👍", "❤️", "😂", "🎉", "👀", "🙏"];

export function writeLog(input: LogInput): DemoLog {
  const { conversationId, lines, mention } = input;
  const messages: DemoMessage[] = [];
  let revision = 1;
  let at = input.startsAt.getTime();

  const append = (message: Partial<DemoMessage> & Pick<DemoMessage, "senderId" | "kind" | "body">): void => {
    const seq = messages.length + 1;
    messages.push({
      metadata: null,
      mentions: null,
      replyTo: null,
      editedAt: null,
      deletedAt: null,
      pinnedAt: null,
      reactions: [],
      seq,
      dedupe: dedupeOf(conversationId, seq),
      revision: ++revision,
      createdAt: new Date(at),
      ...message,
    });
  };
  /** A change of a message that is there already, a few seconds after the newest one. */
  const change = (message: DemoMessage, values: Partial<DemoMessage>): void => {
    Object.assign(message, values, { revision: ++revision });
  };

  if (input.opening) {
    const { creatorId, title } = input.opening;
    const metadata = { event: "conversation_created", title };
    append({
      senderId: creatorId,
      kind: "system",
      body: `The conversation “${title}” begins here.`,
      metadata,
    });
  }
  for (const [index, line] of lines.entries()) {
    at += line.pauseSeconds * 1000;
    const mentioned = mention && index === lines.length - 2 && line.senderId !== mention.id;
    append({
      senderId: line.senderId,
      kind: "text",
      body: mentioned ? `@${mention.name} ${line.body}` : line.body,
      mentions: mentioned ? [mention.id] : null,
      replyTo: line.step > 0 && mix(conversationId, index, 4) % 12 === 0 ? messages.length - 1 : null,
    });
    const message = messages.at(-1) as DemoMessage;
    const changedAt = new Date(at + 2500);
    for (const reaction of reactionsTo(input, message, index)) {
      change(message, { reactions: [...message.reactions, reaction] });
    }
    const chance = mix(conversationId, index, 5) % 1000;
    if (chance < 15) change(message, { body: `${message.body} (typo, sorry)`, editedAt: changedAt });
    else if (chance < 20) change(message, { body: null, mentions: null, deletedAt: changedAt });
    else if (chance < 22) change(message, { pinnedAt: changedAt });
  }
  return { messages, revision, lastMessageAt: new Date(at) };
}

function reactionsTo({ conversationId, memberIds }: LogInput, message: DemoMessage, index: number) {
  if (mix(conversationId, index, 6) % 14 !== 0) return [];
  const others = memberIds.filter((id) => id !== message.senderId);
  const emoji = EMOJIS[mix(conversationId, index, 7) % EMOJIS.length] as string;
  const count = 1 + (mix(conversationId, index, 8) % Math.min(3, others.length));
  return others.slice(0, count).map((userId) => ({ emoji, userId }));
}

function dedupeOf(conversationId: number, seq: number): Buffer {
  const bytes = createHash("sha256").update(`confab demo ${conversationId} ${seq}`).digest().subarray(0, 16);
  // Version 8, so that it is a UUID like everybody's.
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytes;
}
