import { useChat, useChatEvent, useSelected } from "@confab/sdk/react";
import { useEffect, useRef } from "react";
import { useUi } from "../../ui-store.ts";
import { useSession } from "../auth/session.ts";
import { conversationName, memberName, summarise } from "../conversations/labels.ts";

/** Longer messages are said in part: the rest is in the list. */
const SPOKEN_LENGTH = 200;

/** One spoken line per message that somebody else sends, and when an own one is refused; none for history. */
export function useAnnouncements(openId: string | null): void {
  const chat = useChat();
  const { userId } = useSession();
  const failed = useSelected(chat.outbox, (items) => items.filter((item) => item.state === "failed").length);
  const failedBefore = useRef(failed);
  useEffect(() => {
    if (failed > failedBefore.current) useUi.getState().announce("A message was not sent.");
    failedBefore.current = failed;
  }, [failed]);
  useChatEvent("message:created", (message) => {
    if (message.senderId === userId) return;
    const conversation = chat.conversations
      .getSnapshot()
      .items.find((item) => item.id === message.conversationId);
    const sender = (conversation && memberName(conversation.members, message.senderId)) ?? "Someone";
    const elsewhere = conversation && conversation.id !== openId && conversation.kind === "group";
    const place = elsewhere ? ` in ${conversationName(conversation, userId)}` : "";
    // What the server tells itself is in the list; only people speak up.
    if (message.kind === "system") return;
    useUi.getState().announce(`${sender}${place}: ${summarise(message).slice(0, SPOKEN_LENGTH)}`);
  });
}
