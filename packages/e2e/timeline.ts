import type { ChatClient, TimelineMessage } from "@confab/sdk";
import { until } from "@confab/testkit";

/** What a device shows of a conversation. */
export const shown = (chat: ChatClient, conversationId: string): TimelineMessage[] =>
  chat.conversation(conversationId).messages.getSnapshot().items;

export const bodies = (chat: ChatClient, conversationId: string): (string | null)[] =>
  shown(chat, conversationId).map((message) => message.body);

/** Opens the conversation for as long as the test lasts and waits for its first page. */
export async function openOn(
  chat: ChatClient,
  conversationId: string,
  cleanup: AsyncDisposableStack,
  options?: { autoRead?: boolean },
): Promise<void> {
  cleanup.defer(chat.conversation(conversationId).open(options));
  await until(() => chat.conversation(conversationId).messages.getSnapshot().status === "ready", {
    describe: () =>
      `conversation opened: ${JSON.stringify(chat.conversation(conversationId).messages.getSnapshot())}`,
  });
}

export async function untilShown(
  chat: ChatClient,
  conversationId: string,
  expected: string[],
): Promise<void> {
  await until(
    () => JSON.stringify(bodies(chat, conversationId).slice(-expected.length)) === JSON.stringify(expected),
    {
      describe: () => `wanted ${expected.slice(-5)}; shown ${bodies(chat, conversationId).slice(-5)}`,
    },
  );
}
