import type { Message } from "@confab/sdk";

/** The newer state of a message wins; what is new goes to its place by seq. */
export function putMessage(items: readonly Message[], message: Message): Message[] {
  const held = items.find((item) => item.id === message.id);
  if (held && held.revision > message.revision) return [...items];
  const rest = items.filter((item) => item.id !== message.id);
  return [...rest, message].sort((one, other) => one.seq - other.seq);
}
