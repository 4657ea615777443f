import { useChat } from "@confab/sdk/react";
import { useEffect, useState } from "react";
import { usePersonal } from "./own-state.ts";

/** A conversation that was marked unread is read once it is opened, though no watermark moves. */
export function useUnreadMark(conversationId: string): void {
  const chat = useChat();
  const personal = usePersonal(conversationId);
  // What is marked while it is open stays marked until the next time.
  const [openedAt] = useState(() => personal?.revision ?? null);
  const marked = personal?.unreadFromSeq != null && personal.revision === openedAt;
  useEffect(() => {
    if (!marked) return;
    const { details } = chat.conversation(conversationId);
    const readSeq = details.getSnapshot()?.lastSeq;
    if (readSeq === undefined) return;
    // The mark stays until it is opened again.
    chat.request("markReceipts", { params: { conversationId }, body: { readSeq } }).catch(() => undefined);
  }, [chat, conversationId, marked]);
}
