import { LIMITS } from "@confab/sdk";
import { useChat, useSelected } from "@confab/sdk/react";
import { useEffect } from "react";
import { pageTitle } from "../../format/names.ts";
import { useSession } from "../auth/session.ts";
import { conversationName } from "../conversations/labels.ts";

/** The tab tells how much is unread in all conversations, and which one is open. */
export function usePageTitle(conversationId: string | null): void {
  const { conversations } = useChat();
  const { userId } = useSession();
  const title = useSelected(conversations, ({ items }) => {
    const open = items.find((item) => item.id === conversationId);
    const unread = items.reduce((sum, item) => sum + Math.min(item.unreadCount, LIMITS.unreadCap), 0);
    return pageTitle(unread, open && conversationName(open, userId));
  });
  useEffect(() => {
    document.title = title;
  }, [title]);
}
