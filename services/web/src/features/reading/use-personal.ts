import type { ConversationListItem } from "@confab/sdk";
import { useChat, useSelected } from "@confab/sdk/react";

/** What one has of one's own in a conversation; null until it is known. */
export const usePersonal = (conversationId: string): ConversationListItem["personal"] =>
  useSelected(
    useChat().conversations,
    ({ items }) => items.find((item) => item.id === conversationId)?.personal ?? null,
  );
